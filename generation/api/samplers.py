"""The schedulers as people know them."""

from dataclasses import dataclass

from generation.params import SchedulerName


@dataclass(frozen=True, slots=True)
class Sampler:
    """`title` is what other programs call it."""

    title: str
    description: str


SAMPLERS: dict[SchedulerName, Sampler] = {
    SchedulerName.DDIM: Sampler("DDIM", "Steady and repeatable; good from 20 steps on."),
    SchedulerName.DDPM: Sampler("DDPM", "The original; adds noise at every step and needs many of them."),
    SchedulerName.EULER: Sampler("Euler", "Simple and quick; smooth pictures from 20 steps on."),
    SchedulerName.EULER_KARRAS: Sampler(
        "Euler Karras", "Euler with more of its steps spent on details; good with few steps."
    ),
    SchedulerName.EULER_ANCESTRAL: Sampler(
        "Euler a", "Adds noise at every step: lively, and another number of steps gives another picture."
    ),
    SchedulerName.HEUN: Sampler("Heun", "More exact than Euler, at twice the work for each step."),
    SchedulerName.LMS: Sampler(
        "LMS", "Looks back at earlier steps; smooth, and in need of 30 steps or more."
    ),
    SchedulerName.PNDM: Sampler("PNDM", "What many models came with; good from 30 steps on."),
    SchedulerName.DEIS: Sampler("DEIS", "Made for few steps; good from 10 on."),
    SchedulerName.UNIPC: Sampler("UniPC", "Made for few steps; often good from 10 on."),
    SchedulerName.DPMPP_2M: Sampler("DPM++ 2M", "Quick and exact; good from 15 steps on."),
    SchedulerName.DPMPP_2M_KARRAS: Sampler(
        "DPM++ 2M Karras", "The same with more of its steps spent on details; a good first choice."
    ),
    SchedulerName.DPMPP_2M_SDE: Sampler(
        "DPM++ 2M SDE", "Adds noise at every step: rich in detail, good from 25 steps on."
    ),
    SchedulerName.KDPM2: Sampler("DPM2", "Exact, at twice the work for each step."),
    SchedulerName.LCM: Sampler("LCM", "For models distilled to a few steps: 2 to 8, with little guidance."),
    SchedulerName.TCD: Sampler("TCD", "For models distilled to a few steps; sharper than LCM."),
}
