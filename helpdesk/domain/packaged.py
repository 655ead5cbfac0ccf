"""Reads the data files that ship inside the package."""

from collections.abc import Mapping
from importlib.resources import files

import yaml

# The C loader reads the lexicon ten times faster; it is missing where PyYAML was built without libyaml.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(name: str) -> Mapping[str, object]:
    """Return the mapping in helpdesk/domain/data/`name`."""
    text = files("helpdesk.domain").joinpath("data", name).read_text(encoding="utf-8")
    document = yaml.load(text, Loader=_LOADER)  # noqa: S506  both loaders are the safe ones
    if not isinstance(document, dict):
        raise TypeError(f"{name} is not a mapping")
    return document
