"""Who imports whom inside the package, read from the source: never upwards."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pytest_httpcodes

ROOT = Path(pytest_httpcodes.__file__).parent
PACKAGE = ROOT.name
# Top to bottom: a module may import those below its own line, and a package its own modules.
# Imports inside functions, and those for the type checker alone, count as any other.
LAYERS = (
    {"__main__"},
    {"cli", "plugin", "wsgi", "report"},
    {"hookspec", "trial"},
    {"transcript"},
    {"rules"},
    {"server"},
    {"neighbours"},
    {"proxy", "upstream"},
    {"origin"},
    {"application"},
    {"pages"},
    {"catalogue"},
    {"scenarios"},
    {"behaviours"},
    {"resource", "environ"},
    {"endpoint"},
    {"request"},
    {"journal"},
    {"exchange", "problem"},
    {"deltas", "fields"},
    {"codes", "clock", "proxies", "authority"},
    {"tls"},
    {"wire"},
    {"section", "extras"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# The package itself hands on the public names of all; who needs one of it says why.
OF_THE_PACKAGE = {"cli": "the version, which has no other home"}
# Only what performs on a connection touches it.
PERFORMS = {
    f"wire.{name}"
    for name in (
        "client", "connection", "listener", "nowhere", "own", "relay", "stream", "terms", "tls",
        "upstream",
    )
}  # fmt: skip
NETWORK = {"socket", "ssl", "selectors", "socketserver", "asyncio"}
TOUCHES = {
    ("authority", "ssl"): "makes the context of a server under TLS",
    ("origin", "socket"): "the type of what the listener hands over, and how IPv6 is written",
}


def module_of(path: Path) -> str:
    """Return a module's name inside the package, "" for the package itself."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}


@cache
def imports(module: str) -> frozenset[str]:
    """Return the full names of all that a module imports, wherever in it."""
    return frozenset(_imports(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole.removeprefix(f"{PACKAGE}.") in MODULES
                yield whole if is_module else node.module


def inside(module: str) -> set[str]:
    """Return the names inside the package of those modules that one imports."""
    found = {name for name in imports(module) if name.split(".")[0] == PACKAGE}
    return {name.removeprefix(PACKAGE).removeprefix(".") for name in found}


def top(module: str) -> str:
    """Return the module or package just below the root."""
    return module.partition(".")[0]


def test_every_module_has_a_layer() -> None:
    """A new module has to be put somewhere."""
    assert set() == {top(module) for module in MODULES if module} - set(RANK)


@pytest.mark.parametrize("module", sorted(set(MODULES) - {""}))
def test_never_upwards(module: str) -> None:
    """A module imports from the layers below its own, and from its own package."""
    own = RANK[top(module)]
    wrong = {
        name
        for name in inside(module) - {""}
        if top(name) != top(module) and RANK[top(name)] <= own
    }

    assert set() == wrong


def test_who_imports_the_package() -> None:
    """No module needs what the package hands on, but for those that say why."""
    assert set(OF_THE_PACKAGE) == {module for module in MODULES if "" in inside(module)}


def test_no_circles() -> None:
    """No module imports itself, however far round."""
    reached = {module: set(inside(module)) for module in MODULES}
    for _ in MODULES:
        for found in reached.values():
            found.update(*(reached[name] for name in list(found)))

    assert [] == [module for module, found in reached.items() if module in found]


def test_wire_knows_nothing() -> None:
    """The wire is told what it needs by two Protocols; it knows the specifications alone."""
    known = {name for module in MODULES if top(module) == "wire" for name in inside(module)}

    assert {"section"} == {name for name in known if top(name) != "wire"}


def test_who_touches_the_network() -> None:
    """Only what performs on a connection imports sockets, but for those that say why."""
    found = {
        (module, name)
        for module in MODULES
        for name in {imported.partition(".")[0] for imported in imports(module)} & NETWORK
        if module not in PERFORMS
    }

    assert set(TOUCHES) == found


def test_plugin_is_light() -> None:
    """What every pytest run imports has the package's modules imported when they are needed."""
    source = ast.parse(MODULES["plugin"].read_text(encoding="utf-8"))
    at_once: list[ast.stmt] = [
        node for node in source.body if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    names = set(_imports(ast.Module(at_once, [])))

    assert set() == {name for name in names if name.startswith(PACKAGE)}
