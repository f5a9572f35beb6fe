"""The reader: a CLIP tokenizer and a small CLIP text encoder that understand the captions.

The encoder takes one lesson of its own before the painter learns anything: to tell colour, thing, place and
time at the caption's end and at the last position, by a linear look at each. It is frozen after that; the
painter finds all parts of a wish laid open there.
"""

import json
import random

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from generation.picturebook.captions import VALUES, Request, leave_out, word_caption
from generation.picturebook.course import Course
from generation.picturebook.world import TRAINED

LENGTH = 48
WIDTH = 128
VOCABULARY = 1400
BATCH = 96
START, END = "<|startoftext|>", "<|endoftext|>"


def train_tokenizer(seed: int, captions: int = 20_000) -> CLIPTokenizer:
    """Learn CLIP's byte-level BPE from captions; a word it never met falls apart into pieces it knows."""
    rng = random.Random(seed)
    texts = (word_caption(leave_out(rng.choice(TRAINED), rng), rng) for _ in range(captions))
    clip = CLIPTokenizer().backend_tokenizer
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer, bpe.pre_tokenizer = clip.normalizer, clip.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, end_of_word_suffix="</w>", initial_alphabet=letters, show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    return _as_clip([tuple(merge) for merge in json.loads(bpe.to_str())["model"]["merges"]], letters)


def _as_clip(merges: list[tuple[str, str]], letters: list[str]) -> CLIPTokenizer:
    """Number the pieces as CLIP does: letters, letters that end a word, merges, the two special tokens."""
    pieces = [
        *letters,
        *(f"{letter}</w>" for letter in letters),
        *("".join(merge) for merge in merges),
        START,
        END,
    ]
    return CLIPTokenizer(
        vocab={piece: number for number, piece in enumerate(dict.fromkeys(pieces))},
        merges=merges,
        bos_token=START,
        eos_token=END,
        unk_token=END,
        pad_token=END,
        model_max_length=LENGTH,
    )


def build_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def tokenize(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Token ids as the stock pipeline makes them, integer (B, 48)."""
    return tokenizer(
        texts, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt"
    ).input_ids


class _Examiner(nn.Module):
    """The encoder under examination: a linear question for each part of a wish, one answer "not said"."""

    def __init__(self, encoder: CLIPTextModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.questions = nn.ModuleList(nn.Linear(WIDTH, len(values) + 1) for values in VALUES)

    def loss(self, tokens: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        """Cross-entropy at the last position and just behind the caption, mean over the four questions."""
        states = self.encoder(tokens).last_hidden_state
        ends = (tokens == self.encoder.config.eos_token_id).int().argmax(1)
        looks = (states[:, -1], states[torch.arange(len(tokens)), ends])
        losses = [
            functional.cross_entropy(question(look), answers[:, part])
            for part, question in enumerate(self.questions)
            for look in looks
        ]
        return torch.stack(losses).mean()


def _answer(request: Request) -> list[int]:
    return [values.index(said) if said else len(values) for said, values in zip(request, VALUES, strict=True)]


def train_encoder(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, course: Course) -> None:
    """Teach the encoder to understand captions, and freeze it."""
    examiner = _Examiner(encoder)

    def loss_of(step: int, generator: torch.Generator) -> torch.Tensor:
        rng = random.Random(generator.initial_seed())
        requests = [leave_out(rng.choice(TRAINED), rng) for _ in range(BATCH)]
        tokens = tokenize(tokenizer, [word_caption(request, rng) for request in requests])
        return examiner.loss(tokens, torch.tensor([_answer(request) for request in requests]))

    course.run(examiner, loss_of)
    encoder.requires_grad_(False)
