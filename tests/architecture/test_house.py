"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "lamplighter"
LAYERS = [
    *("kernel", "policy", "ledger", "facts", "findings", "action", "proof"),
    *("gateway", "api", "worker"),
]
FACTS = ["intake", "network", "customers", "metering", "billing"]
DOORS = {"web", "api", "worker", "gateway", "cli", "config", "town"}
UNITS = re.compile(r"_(kwh|kwh_per_day|kw|kva|v|a|hz|c|m|deg|ratio|cny|probability)$|^probability$")
WRITES = {
    "create",
    "save",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
WRITERS = {"services", "landing"}  # modules, or packages of that name, that may write
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "core"}
FILES = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
OURS = [model for model in apps.get_models() if model.__module__.startswith("lamplighter.")]


def place(module: str) -> tuple[int, int]:
    """Return how high a module stands: its layer, and its place among the facts."""
    _, layer, *rest = module.split(".")
    return LAYERS.index(layer), FACTS.index(rest[0]) if layer == "facts" else 0


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    for field in model._meta.get_fields():
        target = field.related_model if field.concrete and field.is_relation else None
        if target is not None and target.__module__.startswith("lamplighter."):
            assert place(target.__module__) <= place(model.__module__), field


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_quantities_say_their_unit(model):
    for field in model._meta.get_fields():
        if isinstance(field, models.DecimalField | models.FloatField):
            assert UNITS.search(field.name), field


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_moments_end_in_at_and_days_in_date_or_day(model):
    for field in model._meta.get_fields():
        if isinstance(field, models.DateTimeField):
            assert field.name == "at" or field.name.endswith("_at"), field
        elif isinstance(field, models.DateField):
            assert field.name == "day" or field.name.endswith(("_date", "_day")), field


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_model_orders_itself_or_hides_a_write(model):
    assert not model._meta.ordering
    assert model.save is models.Model.save
    assert model.delete is models.Model.delete


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_across_rooms_are_strings(model):
    path = SOURCE.parent / (model.__module__.replace(".", "/") + ".py")
    assert not re.search(r"^from lamplighter\.\S+\.models import", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_tables_are_imported_only_at_home(path):
    text = path.read_text(encoding="utf-8")
    for module in re.findall(r"^from (lamplighter\S*)\.models import", text, re.MULTILINE):
        home = SOURCE.parent / module.replace(".", "/")
        assert home in path.parents, module


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_services_and_landings_write(path):
    parts = {part.removesuffix(".py") for part in path.relative_to(SOURCE).parts}
    if parts & WRITERS or room(path) in {"config", "town"}:
        return
    managers = re.compile(r"\.objects\b")
    for call in calls(path):
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            assert not managers.search(ast.unparse(call.func)), ast.unparse(call)[:80]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_reads_never_call_writes(path):
    if path.name != "queries.py":
        return
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"import (services|landing)\b|\.(services|landing) import", text)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_nobody_below_the_doors_looks_at_the_clock_or_the_settings(path):
    if room(path) in DOORS:
        return
    looked = {ast.unparse(call.func) for call in calls(path)}
    forbidden = {"timezone.now", "datetime.now", "date.today", "time.time", "datetime.utcnow"}
    assert not looked & forbidden
    if path.name != "models.py":  # a table may name the user table by its setting
        assert "django.conf import settings" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_day_of_a_moment_is_the_local_one(path):
    called = [ast.unparse(call.func) for call in calls(path)]
    assert not [one for one in called if re.search(r"(now(\(\))?|_at|moment)\.date$", one)]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_fit_on_a_desk(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            code = node.body[1:] if ast.get_docstring(node) else node.body
            assert not code or (node.end_lineno or 0) - code[0].lineno < 50, node.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_room_for_odds_and_ends(path):
    assert not {part.removesuffix(".py") for part in path.parts} & FORBIDDEN_NAMES
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*from \S+ import \*", text, re.MULTILINE)
    assert "django.dispatch" not in text  # no signals
    assert "ModelForm" not in text


@pytest.mark.parametrize("path", FILES, ids=name)
def test_broad_excepts_live_only_at_the_doors(path):
    if room(path) in DOORS:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in {"", "Exception", "BaseException"}, node.lineno


@pytest.mark.parametrize("path", FILES, ids=name)
def test_lint_exceptions_say_why(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        found = re.search(r"# (noqa|type: ignore)(?P<rest>.*)$", line)
        if found:
            code_and_reason = r"(: [A-Z]+\d+(, ?[A-Z]+\d+)*|\[[\w, -]+\])\W+\w.{5,}"
            assert re.fullmatch(code_and_reason, found["rest"]), f"no reason: {line.strip()}"


KERNELS = [
    path
    for path in sorted((SOURCE / "insight").rglob("*.py"))
    if "spread" not in path.parts and path.name != "__init__.py"
]


@pytest.mark.parametrize("path", KERNELS, ids=name)
def test_kernels_say_shape_unit_and_error(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            said = ast.get_docstring(node) or ""
            for section in ("Parameters", "Returns", "Raises", "Examples"):
                assert f"\n{section}\n---" in said, (node.name, section)


def test_insight_works_where_django_is_not_installed():  # numba looks for scipy by itself
    modules = [
        "lamplighter." + name(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in sorted((SOURCE / "insight").rglob("*.py"))
    ]
    program = (
        "import sys, importlib\n"
        "class NoDjango:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'django', 'pyarrow', 'duckdb', 'deltalake'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, NoDjango())\n"
        f"for module in {modules!r}: importlib.import_module(module)\n"
        "late = {'sklearn', 'lightgbm'} & set(sys.modules)\n"
        "assert not late, late\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_import_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_lock_files_name_no_host():
    files = [*ROOT.glob("*lock*"), *ROOT.glob("locks/*")]
    assert files
    for file in files:
        if file.is_file() and file.name != "package-lock.json":
            assert "://" not in file.read_text(encoding="utf-8"), file.name
    package_lock = ROOT / "package-lock.json"
    assert '"resolved"' not in package_lock.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_migrations_hold_all_that_the_tables_say():
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
