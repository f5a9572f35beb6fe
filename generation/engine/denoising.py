"""The runner: the loaded model, the members' latents, and how a member begins, is stepped and becomes a picture."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from pkgutil import resolve_name

import numpy as np
import torch

from generation.engine.batch import Member, Tick
from generation.engine.config import EngineConfig
from generation.engine.executor import make_executor
from generation.engine.families import Family, Row
from generation.engine.fetch import Fetch
from generation.engine.loading import LoadedModel
from generation.engine.naming import named_errors
from generation.engine.picture import Picture
from generation.engine.rack import IMAGE, MASK, START_NOISE, Rack, latent_slot, output_slot
from generation.engine.solver import Plan, make_plan
from generation.engine.state import State
from generation.engine.stepping import Stepping
from generation.engine.threads import threads
from generation.params import GenerationParams, ParamsError, RequestType, gettext_noop

# Prompts whose reading is kept: 0.3 MB each for SDXL in half precision.
READINGS = 256
MASKED = 128
# Ticks that may have been given to a GPU and not be done: one computes while the next is prepared.
TICKS_AHEAD = 1


class Denoising:
    """Advances members of one model on one device. Not thread-safe, but for `check`."""

    def __init__(self, config: EngineConfig) -> None:
        model: LoadedModel = resolve_name(config.loader)(config)
        self.facts = model.facts
        self.family: Family = model.family
        self.executor = make_executor(model.family, config)
        self._readings: OrderedDict[str, Row] = OrderedDict()
        self._racks: dict[Hashable, tuple[Rack, Stepping]] = {}
        self._fences: list[torch.cuda.Event] = []

    def check(self, params: GenerationParams) -> None:
        """Raise `ParamsError` for a kind of request or a scheduler that this model cannot do."""
        if params.request_type not in self.facts.request_types:
            told = gettext_noop("The model {model} can do nothing but this: {kinds}.")
            kinds = ", ".join(self.facts.request_types)
            raise ParamsError("request_type", told, model=self.facts.name, kinds=kinds)
        self._plan(params)

    def cap(self, key: Hashable) -> int:
        """The rows that pay at the model's native size, as many pixels of another size."""
        assert isinstance(key, tuple)
        native = self.facts.native_width * self.facts.native_height
        area = key[1] * key[2] * self.family.vae_scale_factor**2
        return max(1, self.executor.native_cap * native // area)

    def members(self, params: GenerationParams) -> list[Member]:
        """The key is the latents' shape (C, h, w): whatever else differs, members of a shape run together."""
        scale = self.family.vae_scale_factor
        key = (self.family.latent_channels, params.height // scale, params.width // scale)
        rows = 2 if self.family.guided(params) else 1
        steps = len(self._plan(params).timesteps)
        return [Member(key=key, rows=rows, steps=steps) for _ in range(params.num_images)]

    def read(self, requests: Sequence[GenerationParams]) -> int:
        """Encode the prompts that were not read before, all at once, and keep what came out; say how many."""
        texts = dict.fromkeys(text for params in requests for text in (params.prompt, params.negative_prompt))
        new = [text for text in texts if text not in self._readings]
        if new:
            with named_errors(), torch.inference_mode():
                self._readings.update(zip(new, self.family.read(new), strict=True))
        for text in texts:
            self._readings.move_to_end(text)
        while len(self._readings) > max(READINGS, len(texts)):
            self._readings.popitem(last=False)
        return len(new)

    def begin(self, member: Member, params: GenerationParams, index: int) -> None:
        """Give picture `index` a place and its first latents; noise is drawn as the stock pipeline draws it."""
        self.read([params])
        plan, rack = self._plan(params), self._rack(member.key)[0]
        state = member.state = State(
            plan=plan,
            base=rack.take(),
            rows=self.family.rows(params, self._readings),
            guidance=params.guidance_scale,
            generator=torch.Generator().manual_seed(params.seeds()[index]),
            scheduler=None if plan.coefficients else plan.new_scheduler(),
        )
        try:
            with named_errors(), torch.inference_mode():
                self._place_first_latents(state, rack, params)
        except Exception:
            self.drop(member)
            raise

    def tick(self, tick: Tick) -> None:
        states = [member.state for member in tick.members]
        with named_errors(), threads(1):
            self._rack(tick.key)[1].step(states, [member.done for member in tick.members], tick.bucket)
            self._wait_for_earlier_ticks()

    def preview(self, member: Member) -> Fetch:
        """A small uint8 picture [h, w, 3] of the clean latent that the last step foresaw."""
        rack, step, plan = self._rack(member.key)[0], member.done - 1, member.state.plan
        base = member.state.base
        with named_errors(), torch.inference_mode():
            latent = rack.read(base + latent_slot(step)) * plan.input_scale[step]
            output = rack.read(base + output_slot(step))
            return Fetch(self.family.preview(self.family.foresee(latent, output, plan.timesteps[step])))

    def finish(self, member: Member) -> Picture:
        """Begin to decode; the picture can be taken once it is ready."""
        rack = self._rack(member.key)[0]
        with named_errors(), torch.inference_mode():
            latent = rack.read(member.state.base + latent_slot(member.steps))
            return Picture(self.family, latent)

    def drop(self, member: Member) -> None:
        if member.state is not None:
            self._rack(member.key)[0].give_back(member.state.base)
            member.state = None

    def close(self) -> None:
        self.executor.close()

    def _plan(self, params: GenerationParams) -> Plan:
        config = self.family.scheduler_config
        return make_plan(params.scheduler, config, params.num_inference_steps, params.strength)

    def _rack(self, key: Hashable) -> tuple[Rack, Stepping]:
        if key not in self._racks:
            rack = Rack(key, self.family.device)  # type: ignore[arg-type]
            self._racks[key] = rack, Stepping(rack, self.executor)
        return self._racks[key]

    def _place_first_latents(self, state: State, rack: Rack, params: GenerationParams) -> None:
        """x_0, and for inpainting what the picture keeps."""
        shape, base, plan = (1, *rack.shape), state.base, state.plan
        inpainting = params.request_type is RequestType.INPAINTING
        from_noise = inpainting and params.strength == 1.0
        seen = self.family.in_channels > self.family.latent_channels
        image = torch.zeros(shape)
        if params.image is not None and not (from_noise and seen):
            image = self.family.encode(self._pixels(params), state.generator)
        noise = torch.randn(shape, generator=state.generator).to(self.family.device)
        alpha, sigma = plan.start_from_noise if from_noise else plan.start
        rack.write(base + latent_slot(0), alpha * image.to(self.family.device) + sigma * noise)
        if inpainting:
            mask = self._mask(params)
            if seen:
                state.extra = self._what_is_seen(state, params, mask)
                return
            # The stock pipeline draws for a masked image that this kind of UNet does not look at.
            torch.randn(shape, generator=state.generator)
            state.blended = True
            rack.write(base + IMAGE, image)
            rack.write(base + START_NOISE, noise)
            rack.write(base + MASK, self._small(mask))

    def _pixels(self, params: GenerationParams) -> torch.Tensor:
        """The image, float32 [1, 3, H, W] from -1 to 1."""
        assert params.image is not None
        pixels = np.frombuffer(params.image, np.uint8).reshape(1, params.height, params.width, 3)
        return torch.from_numpy(pixels.transpose(0, 3, 1, 2) / np.float32(255)) * 2 - 1

    def _mask(self, params: GenerationParams) -> torch.Tensor:
        """1 where it is painted anew, else 0: float32 [1, 1, H, W]."""
        assert params.mask is not None
        mask = np.frombuffer(params.mask, np.uint8).reshape(1, 1, params.height, params.width)
        return torch.from_numpy((mask >= MASKED).astype(np.float32))

    def _small(self, mask: torch.Tensor) -> torch.Tensor:
        """The mask at the latents' size, each the nearest pixel: [1, 1, h, w] on the device."""
        scale = self.family.vae_scale_factor
        return mask[:, :, ::scale, ::scale].to(self.family.device)

    def _what_is_seen(self, state: State, params: GenerationParams, mask: torch.Tensor) -> torch.Tensor:
        """What an inpainting UNet is shown beside the latent: the mask, and the image without what it hides."""
        kept = self.family.encode(self._pixels(params) * (mask < 0.5), state.generator)
        return torch.cat([self._small(mask), kept], dim=1)

    def _wait_for_earlier_ticks(self) -> None:
        """Keep the host from running away from a GPU, so that a new request's first step is near."""
        if self.family.device.type != "cuda":
            return
        fence = torch.cuda.Event()
        fence.record()
        self._fences.append(fence)
        if len(self._fences) > TICKS_AHEAD:
            self._fences.pop(0).synchronize()
