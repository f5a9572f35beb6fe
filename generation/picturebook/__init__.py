"""The model that ships: a small Stable Diffusion that knows a picture-book world.

`world` says what there is, `things` and `places` draw it, `captions` puts it into words; `train` teaches the
model from these pictures, `evaluate` measures what it learned, `weights/` is the result.
"""
