"""Copies browser libraries and fonts from node_modules to static_vendor/ at set-up."""

import shutil
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
SOURCE, TARGET = BASE / "node_modules", BASE / "static_vendor"
FILES = {
    "echarts/dist/echarts.esm.min.mjs": "vendor/echarts/echarts.esm.min.js",
    "@noble/ed25519/index.js": "vendor/noble-ed25519/index.js",
    "idb/build/index.js": "vendor/idb/index.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": (
        "fonts/NotoSansSC-Regular.ttf"
    ),
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
}


def main() -> None:
    """Copy what is newer; a missing file names the package that should have brought it."""
    for name, target in FILES.items():
        source, copy = SOURCE / name, TARGET / target
        if not source.exists():
            raise SystemExit(f"node_modules/{name} is missing: run `make setup` again.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.stat().st_size != source.stat().st_size:
            shutil.copyfile(source, copy)


if __name__ == "__main__":
    main()
