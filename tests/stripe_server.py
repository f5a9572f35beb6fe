"""A server that speaks as much of Stripe's API as the service asks of it, and signs what it tells as Stripe does."""

import copy
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
SECRET = "whsec_kX9dVb2R8sYw7QzTn3Lp"
# Where payers are sent to. Nothing is on these pages: a test pays with a method.
PAGES = "/c/pay/"
Node = dict[str, Any]


class StripeServer(ThreadingHTTPServer):
    """What a test does as a payer or a bank has a method; what it returns are the events that Stripe would send."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = Lock()
        self.numbers = itertools.count(1)
        self.sessions: dict[str, Node] = {}
        self.intents: dict[str, Node] = {}
        self.charges: dict[str, Node] = {}
        self.refunds: dict[str, Node] = {}
        self.disputes: dict[str, Node] = {}
        self.answers: dict[str, tuple[Node, tuple[int, Node]]] = {}
        self.asked: Counter[str] = Counter()
        # What the next requests come to: an answer of that status; "lost", after they were done; or "slow".
        self.troubles: list[int | str] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def last(self) -> Node:
        """The session that was made last."""
        return list(self.sessions.values())[-1]

    def fresh(self, prefix: str) -> str:
        return f"{prefix}_{next(self.numbers)}"

    # As the payer, or the bank.

    def pay(self, session: Node, *, at_once: bool = True) -> list[Node]:
        """Go through the checkout. Some means of payment take days: then the money is only on its way."""
        intent = self.fresh("pi")
        self.intents[intent] = {"id": intent, "object": "payment_intent", "status": "processing"}
        session |= {"status": "complete", "payment_intent": intent, "url": None}
        events = [] if at_once else [self.event("checkout.session.completed", session)]
        if at_once:
            self.arrive(session)
            events.append(self.event("checkout.session.completed", session))
        return events

    def arrive(self, session: Node) -> list[Node]:
        """The money is there."""
        charge = self.fresh("ch")
        intent = session["payment_intent"]
        self.intents[intent] |= {"status": "succeeded", "latest_charge": charge}
        self.charges[intent] = {
            "id": charge,
            "object": "charge",
            "payment_intent": intent,
            "amount": session["amount_total"],
            "amount_refunded": 0,
            "currency": session["currency"],
            "livemode": session["livemode"],
        }
        session["payment_status"] = "paid"
        return [self.event("checkout.session.async_payment_succeeded", session)]

    def fail(self, session: Node) -> list[Node]:
        """The money does not come."""
        self.intents[session["payment_intent"]]["status"] = "requires_payment_method"
        return [self.event("checkout.session.async_payment_failed", session)]

    def expire(self, session: Node) -> list[Node]:
        session |= {"status": "expired", "url": None}
        return [self.event("checkout.session.expired", session)]

    def refund(self, session: Node, amount: int) -> list[Node]:
        charge = self.charges[session["payment_intent"]]
        charge["amount_refunded"] += amount
        refund = self.fresh("re")
        self.refunds[refund] = {
            "id": refund,
            "object": "refund",
            "charge": charge["id"],
            "amount": amount,
            "created": int(time.time()),
        }
        return [self.event("charge.refunded", charge)]

    def dispute(self, session: Node) -> list[Node]:
        charge = self.charges[session["payment_intent"]]
        dispute = self.fresh("du")
        self.disputes[dispute] = {
            "id": dispute,
            "object": "dispute",
            "status": "needs_response",
            "created": int(time.time()),
            **{name: charge[name] for name in ("amount", "currency", "livemode", "payment_intent")},
        }
        return [self.event("charge.dispute.created", self.disputes[dispute])]

    def close_dispute(self, status: str) -> list[Node]:
        dispute = list(self.disputes.values())[-1]
        dispute["status"] = status
        return [self.event("charge.dispute.closed", dispute)]

    def event(self, kind: str, thing: Node) -> Node:
        return {
            "id": self.fresh("evt"),
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": thing["livemode"],
            "data": {"object": copy.deepcopy(thing)},
        }

    # As Stripe's API.

    def answer(self, method: str, path: str, values: Node, key: str) -> tuple[int, Node]:
        """An idempotency key gives the first answer again, and is not for anything else."""
        with self.lock:
            if key not in self.answers:
                answer = self.do(method, path, values)
                if key:
                    self.answers[key] = (values, answer)
                return answer
            asked, answer = self.answers[key]
            return answer if asked == values else refusal("idempotency_key_in_use", "idempotency_error")

    def do(self, method: str, path: str, values: Node) -> tuple[int, Node]:
        match (method, *path.removeprefix("/v1/").split("/")):
            case ("POST", "checkout", "sessions"):
                return self.create(values)
            case ("POST", "checkout", "sessions", name, "expire"):
                session = self.sessions.get(name)
                if session is None or session["status"] != "open":
                    return refusal("resource_invalid_state")
                self.expire(session)
                return 200, session
            case ("GET", "checkout", "sessions", name):
                found = self.sessions.get(name)
                return (200, self.expanded(found)) if found else refusal("resource_missing", status=404)
            case ("GET", "checkout", "sessions"):
                wanted = values.get("payment_intent")
                sessions = [self.expanded(session) for session in self.sessions.values()]
                fitting = [node for node in sessions if not wanted or intent_of(node) == wanted]
                return page(fitting, path, values)
            case ("GET", "refunds"):
                charges = {charge["id"]: charge for charge in self.charges.values()}
                return page(
                    [node | {"charge": charges[node["charge"]]} for node in self.refunds.values()],
                    path,
                    values,
                )
            case ("GET", "disputes"):
                return page(list(self.disputes.values()), path, values)
        return refusal("unknown_route", status=404)

    def create(self, values: Node) -> tuple[int, Node]:
        amount = int(values["line_items[0][price_data][unit_amount]"])
        if amount < 50:
            return refusal("amount_too_small")
        name = self.fresh("cs_live")
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": amount,
            "currency": values["line_items[0][price_data][currency]"],
            "client_reference_id": values["client_reference_id"],
            "customer_email": values["customer_email"],
            "metadata": {"purchase": values["metadata[purchase]"]},
            **{name: values[name] for name in ("success_url", "cancel_url")},
            "livemode": True,
            "payment_intent": None,
            "created": int(time.time()),
            "url": f"{self.base}{PAGES}{name}",
        }
        return 200, copy.deepcopy(self.sessions[name])

    def expanded(self, session: Node) -> Node:
        intent = self.intents.get(session["payment_intent"] or "")
        return session | {"payment_intent": intent}


class Handler(BaseHTTPRequestHandler):
    server: StripeServer

    def do_GET(self) -> None:
        if self.path.startswith(PAGES):
            self.send(200, {})
        else:
            self.respond("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.respond("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def respond(self, method: str, form: str) -> None:
        path = urlsplit(self.path).path
        trouble = self.server.troubles.pop(0) if self.server.troubles else None
        self.server.asked[f"{method} {path}"] += 1
        if isinstance(trouble, int):
            self.send(*refusal("trouble", "api_error", trouble))
            return
        if trouble == "slow":
            time.sleep(1)
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self.send(*refusal("", "authentication_error", 401))
            return
        answer = self.server.answer(
            method, path, dict(parse_qsl(form)), self.headers.get("Idempotency-Key", "")
        )
        if trouble != "lost":
            self.send(*answer)

    def send(self, status: int, node: Node) -> None:
        body = json.dumps(node).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silence."""


def refusal(code: str, kind: str = "invalid_request_error", status: int = 400) -> tuple[int, Node]:
    return status, {"error": {"type": kind, "code": code, "message": f"No: {code}."}}


def page(nodes: list[Node], path: str, values: Node) -> tuple[int, Node]:
    """Newest first, two at a time, so that whoever wants all has to turn the page."""
    nodes = sorted(nodes, key=lambda node: int(node["id"].rsplit("_", 1)[1]), reverse=True)
    nodes = [node for node in nodes if node["created"] >= int(values.get("created[gte]", 0))]
    ids = [node["id"] for node in nodes]
    start = ids.index(values["starting_after"]) + 1 if "starting_after" in values else 0
    found = nodes[start : start + 2]
    return 200, {"object": "list", "data": found, "has_more": len(nodes) > start + 2, "url": path}


def intent_of(session: Node) -> str | None:
    intent = session["payment_intent"]
    return intent["id"] if intent else None


def signature(body: bytes, secret: str = SECRET, age: int = 0) -> str:
    """The `Stripe-Signature` of a body, made so many seconds ago."""
    moment = int(time.time()) - age
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@contextmanager
def running() -> Iterator[StripeServer]:
    server = StripeServer()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
