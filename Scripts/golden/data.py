#!/usr/bin/env python3
"""Writes Tests/PithDataTests/Fixtures: NumPy files, and images with the pixels Pillow reads.

Needs numpy==2.4.6, Pillow==13.0.0. For each image NAME, NAME.rgb holds (H, W, 3) bytes.
"""
import io
import pathlib
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/PithDataTests/Fixtures"
OUT.mkdir(parents=True, exist_ok=True)


def photograph(height, width, seed):
    """Smooth colours with some texture, (H, W, 3)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [127 + 90 * np.sin(x / (5 + c) + c) * np.cos(y / (7 - c)) for c in range(3)]
    noise = random.normal(0, 12, (height, width, 3))
    return np.clip(np.stack(planes, -1) + noise, 0, 255).astype(np.uint8)


def expect(name):
    image = Image.open(OUT / name).convert("RGB")
    (OUT / f"{name}.rgb").write_bytes(np.asarray(image).tobytes())


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_images():
    picture = photograph(13, 17, 1)
    image = Image.fromarray(picture)
    image.save(OUT / "rgb8.png")
    image.convert("L").save(OUT / "grey8.png")
    image.convert("1").save(OUT / "grey1.png")
    alpha = np.dstack([picture, np.arange(13 * 17, dtype=np.uint8).reshape(13, 17)])
    Image.fromarray(alpha).save(OUT / "rgba8.png")
    image.quantize(16).save(OUT / "palette.png")
    image.quantize(16).save(OUT / "palette_transparent.png", transparency=3)
    image.save(OUT / "rgb420.jpg", quality=85, subsampling="4:2:0")
    image.save(OUT / "rgb444_progressive.jpg", quality=85, subsampling="4:4:4", progressive=True)
    image.convert("L").save(OUT / "grey.jpg", quality=85)
    image.convert("CMYK").save(OUT / "cmyk.jpg", quality=85)
    for name in ["rgb8.png", "grey8.png", "grey1.png", "rgba8.png", "palette.png",
                 "palette_transparent.png", "rgb420.jpg", "rgb444_progressive.jpg", "grey.jpg"]:
        expect(name)
    # Pillow writes no 16-bit colour; its upper bytes are the picture.
    rows = b"".join(b"\0" + b"".join(bytes([v, 77]) for v in row.ravel()) for row in picture)
    (OUT / "rgb16.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 17, 13, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    (OUT / "rgb16.png.rgb").write_bytes(picture.tobytes())
    # A header alone that asks for 16 GB.
    (OUT / "huge.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 65000, 65000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))


def resize(image, width, height):
    """Columns first, then rows: the order Pillow had until it chose the cheaper one."""
    return image.resize((width, image.size[1]), Image.BILINEAR).resize(
        (width, height), Image.BILINEAR)


def crop(image, height, width, fraction):
    """torchvision's Resize (of the side that binds) and CenterCrop."""
    w, h = image.size
    if (h, w) != (height, width):
        if height * w >= width * h:
            side = round(height / fraction)
            image = resize(image, max(width, int(side * w / h)), side)
        else:
            side = round(width / fraction)
            image = resize(image, side, max(height, int(side * h / w)))
    w, h = image.size
    left, top = int(round((w - width) / 2)), int(round((h - height) / 2))
    return image.crop((left, top, left + width, top + height))


def write_resized():
    image = Image.fromarray(photograph(53, 37, 2))
    image.save(OUT / "portrait.png")
    cases = {
        "crop_24x24_0.875": crop(image, 24, 24, 0.875),
        "crop_20x31_1.0": crop(image, 20, 31, 1),
        "crop_64x64_1.0": crop(image, 64, 64, 1),
        "crop_53x37_0.875": crop(image, 53, 37, 0.875),
        "stretch_16x40_1.0": resize(image, 40, 16),
        "stretch_53x11_1.0": resize(image, 11, 53),
    }
    for name, result in cases.items():
        (OUT / f"resized_{name}.rgb").write_bytes(np.asarray(result).tobytes())


def write_arrays():
    base = np.arange(24).reshape(2, 3, 4)
    arrays = {name: (base % 2 if name == "bool" else base).astype(name)
              for name in ["float32", "float16", "float64", "int8", "uint8", "int16", "uint16",
                           "int32", "uint32", "int64", "uint64", "bool"]}
    arrays["big"] = base.astype(">i4")
    arrays["columns"] = np.asfortranarray(base.astype(np.float32))
    arrays["scalar"] = np.float32(2.5)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    np.savez(OUT / "stored.npz", **arrays)
    np.savez_compressed(OUT / "deflated.npz", **arrays)
    np.save(OUT / "single.npy", base.astype(np.float32))
    np.save(OUT / "vector.npy", np.arange(5, dtype=np.int64))
    with zipfile.ZipFile(OUT / "versions.npz", "w") as archive:
        for version in [(1, 0), (2, 0), (3, 0)]:
            memory = io.BytesIO()
            np.lib.format.write_array(memory, base.astype(np.float32), version=version)
            archive.writestr(f"v{version[0]}.npy", memory.getvalue())
    np.savez(OUT / "text.npz", names=np.array(["a", "b"]))
    random = np.random.default_rng(3)
    np.savez(
        OUT / "images_nhwc.npz", x_train=random.integers(0, 256, (6, 5, 4, 3)).astype(np.uint8),
        y_train=np.array([0, 1, 2, 0, 1, 2]), x_test=np.zeros((2, 5, 4, 3), np.uint8),
        y_test=np.array([[2], [1]]))


write_images()
write_resized()
write_arrays()
