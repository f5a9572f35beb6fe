"""From nothing to a pipeline folder: pictures, autoencoder, reader, painter, weights."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from transformers import CLIPTextModel, CLIPTokenizer

from generation.picturebook.album import Album
from generation.picturebook.autoencoder import build_autoencoder, train_autoencoder
from generation.picturebook.course import Course
from generation.picturebook.latents import Cells
from generation.picturebook.painter import build_painter, build_scheduler, read_captions, train_painter
from generation.picturebook.reader import build_encoder, train_encoder, train_tokenizer
from generation.picturebook.world import SIZE

WEIGHTS = Path(__file__).parent / "weights"
# What the service offers for this model where a request leaves it open.
SERVICE = {
    "name": "picturebook",
    "native_width": SIZE,
    "native_height": SIZE,
    "num_inference_steps": 20,
    "guidance_scale": 2.0,
    "scheduler": "ddim",
}


@dataclass(frozen=True)
class Plan:
    """How much of everything. The defaults made the weights that ship."""

    folder: Path
    seed: int = 0
    pictures: int = 16_800
    autoencoder_steps: int = 2_000
    reader_steps: int = 1_200
    painter_steps: int = 6_400
    compile: bool = False

    def course(self, name: str, steps: int, learning_rate: float, average: float) -> Course:
        torch.manual_seed(self.seed)
        return Course(name, steps, learning_rate, self.seed, self.folder, average=average)


def train(plan: Plan) -> StableDiffusionPipeline:
    """Train everything that `plan.folder` does not hold yet; returns the pipeline in single precision."""
    album = Album.draw(plan.pictures, plan.seed)
    cells = Cells(album)
    autoencoder = teach_autoencoder(plan, album, cells)
    tokenizer, encoder = teach_reader(plan)
    painter = teach_painter(plan, album, cells, tokenizer, encoder)
    return assemble(autoencoder, tokenizer, encoder, painter)


def teach_autoencoder(plan: Plan, album: Album, cells: Cells) -> AutoencoderKL:
    course = plan.course("autoencoder", plan.autoencoder_steps, 2e-3, average=0.995)
    autoencoder = build_autoencoder(cells.scaling_factor)
    train_autoencoder(autoencoder, album, cells, course)
    return autoencoder


def teach_reader(plan: Plan) -> tuple[CLIPTokenizer, CLIPTextModel]:
    tokenizer = train_tokenizer(plan.seed)
    course = plan.course("reader", plan.reader_steps, 1e-3, average=0.99)
    encoder = build_encoder(tokenizer)
    train_encoder(encoder, tokenizer, course)
    return tokenizer, encoder


def teach_painter(
    plan: Plan, album: Album, cells: Cells, tokenizer: CLIPTokenizer, encoder: CLIPTextModel
) -> UNet2DConditionModel:
    latents = cells.of_album(album)
    readings = read_captions(encoder, tokenizer, album, plan.seed)
    course = plan.course("painter", plan.painter_steps, 1.5e-3, average=0.999)
    painter = build_painter()
    if plan.compile:
        painter.compile()
    train_painter(painter, album, latents, readings, course)
    return painter


def assemble(
    autoencoder: AutoencoderKL,
    tokenizer: CLIPTokenizer,
    encoder: CLIPTextModel,
    painter: UNet2DConditionModel,
) -> StableDiffusionPipeline:
    """The four parts and a scheduler as the stock pipeline."""
    return StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=encoder,
        tokenizer=tokenizer,
        unet=painter,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save(pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Write the pipeline as half-precision safetensors, with the service's defaults beside it."""
    pipeline.to(torch.float16).save_pretrained(folder, safe_serialization=True)
    (folder / "service.json").write_text(json.dumps(SERVICE, indent=2) + "\n")
