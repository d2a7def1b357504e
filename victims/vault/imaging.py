"""A small image of an image, made in a process of its own: `python -I imaging.py FORMAT`, octets in, JPEG out.

A hostile file may crash or fill a decoder: this process has no key, no database, little memory and a few seconds. It
imports nothing of ours. What comes out was drawn again from pixels: no metadata, no hidden tail, one frame.
Exit code: 0 and a JPEG, or 1 and nothing.
"""

import io
import resource
import sys
import warnings

SIDE = 640
PIXELS = 50_000_000
MEMORY = 700 * 1024 * 1024
SECONDS = 8


def _limited() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def smaller(content: bytes, known_as: str) -> bytes:
    """Raises whatever the decoder raises: the caller only wants to know whether there is an image."""
    from PIL import Image, ImageOps

    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = PIXELS
    with Image.open(io.BytesIO(content), formats=(known_as,)) as found:
        if found.width * found.height > PIXELS:
            raise ValueError("too many pixels")
        found.draft("RGB", (SIDE * 2, SIDE * 2))
        turned = ImageOps.exif_transpose(found)
        turned.thumbnail((SIDE, SIDE))
        drawn = turned.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=75)
    return out.getvalue()


def main() -> int:
    content = sys.stdin.buffer.read()
    try:
        import PIL.GifImagePlugin
        import PIL.ImageOps
        import PIL.JpegImagePlugin
        import PIL.PngImagePlugin
        import PIL.WebPImagePlugin  # noqa: F401  (read before the limits: nothing more is opened after)

        _limited()
        sys.stdout.buffer.write(smaller(content, sys.argv[1]))
    except Exception:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
