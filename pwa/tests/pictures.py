"""Pictures for tests."""

from io import BytesIO

from PIL import Image, ImageDraw


def picture(width: int, height: int, colour: str = "#D81B60", kind: str = "PNG") -> bytes:
    """An image file with a pale disc on one colour."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width // 2, height // 2), "#FFF3C0")
    file = BytesIO()
    image.save(file, kind)
    return file.getvalue()
