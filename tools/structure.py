#!/usr/bin/env python3
"""The rules of structure: lists of CMakeLists.txt, includes, sizes, parameters. Part of tools/tidy.py."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
LISTS = ("SOURCES", "HEADERS", "DEPENDS", "EXTERNAL", "TESTS", "FUZZ")
FILE_LINES_MAX = 300
PARAMETERS_MAX = 5
# These files still await their split. The change that splits one removes it here.
EXCLUDED = {"src/http/http_server_fixture.h"}


def libraries():
    """folder -> {list: names}, of each packwalk_library() block."""
    found = {}
    for folder, rest in re.findall(r"^packwalk_library\((\S+)([^)]*)\)", (ROOT / "CMakeLists.txt").read_text(), re.M):
        lists = found[folder] = {name: [] for name in LISTS}
        name = None
        for word in rest.split():
            if word in LISTS:
                name = word
            else:
                lists[name].append(word)
    return found


def reachable(blocks):
    """folder -> every folder that its block reaches, itself included."""
    def reach(folder):
        return {folder}.union(*(reach(used) for used in blocks[folder]["DEPENDS"]))

    return {folder: reach(folder) for folder in blocks}


def wrong_lists(blocks):
    """Lists that are not sorted, and files that no list names."""
    for folder, lists in blocks.items():
        for name in ("SOURCES", "HEADERS", "TESTS", "FUZZ"):
            own = [item for item in lists[name] if not item.startswith("..")]
            if own != sorted(own):
                yield f"CMakeLists.txt:1: sort {name} of {folder}"
    text = (ROOT / "CMakeLists.txt").read_text()
    for path in sorted(SOURCE.rglob("*.[hc]*")):
        folder = str(path.parent.relative_to(SOURCE))
        named = set().union(*blocks.get(folder, {}).values())
        if path.name not in named and not re.search(rf"{re.escape(path.name)}\b", text.replace("\n", " ")):
            yield f"{path.relative_to(ROOT)}:1: no list of CMakeLists.txt names this file"


def unlisted_tests():
    """Source files of tests that tests/CMakeLists.txt does not name: nobody would compile them."""
    listed = (ROOT / "tests" / "CMakeLists.txt").read_text()
    for folder in ("api", "contract", "simulation", "support"):
        for path in sorted((ROOT / "tests" / folder).glob("*.cc")):
            if not re.search(rf"(^|\s){folder}/{re.escape(path.name)}[\s)]", listed):
                yield f"{path.relative_to(ROOT)}:1: no list of tests/CMakeLists.txt names this file"


def includes_of(path):
    return re.findall(r'^#include "([^"]+)"', path.read_text(), re.M)


def misplaced_own_headers():
    """A source file whose own header is not its first include: only there it proves that the header compiles alone."""
    for path in sorted(SOURCE.rglob("*.cc")):
        own = path.with_suffix(".h")
        includes = re.findall(r"^#include\s+[<\"]([^>\"]+)", path.read_text(), re.M)
        if own.exists() and includes and includes[0] != str(own.relative_to(SOURCE)):
            yield f"{path.relative_to(ROOT)}:1: include {own.relative_to(SOURCE)} first"


def cycles():
    """Units (a header and its source file) that include each other, also through others."""
    graph = {}
    for path in SOURCE.rglob("*.[hc]*"):
        unit = str(path.relative_to(SOURCE).with_suffix(""))
        if not unit.endswith(("_test", "_fuzz", "_bench")):
            graph.setdefault(unit, set()).update(include.rsplit(".", 1)[0] for include in includes_of(path))
    index, low, stack, order = {}, {}, [], []

    def visit(unit):
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        for used in graph[unit] - {unit}:
            if used not in graph:
                continue
            if used not in index:
                visit(used)
                low[unit] = min(low[unit], low[used])
            elif used in stack:
                low[unit] = min(low[unit], index[used])
        if low[unit] == index[unit]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == unit:
                    break
            if len(group) > 1:
                order.append(sorted(group))

    for unit in sorted(graph):
        if unit not in index:
            visit(unit)
    for group in order:
        yield f"src/{group[0]}.h:1: these files include each other: {', '.join(group)}"


def large_files():
    for path in sorted(SOURCE.rglob("*.[hc]*")):
        lines = path.read_text().count("\n")
        if lines > FILE_LINES_MAX and not path.stem.endswith(("_test", "_fuzz")):
            yield f"{path.relative_to(ROOT)}:1: {lines} lines, at most {FILE_LINES_MAX}: split it by what it is about"


def parameter_count(text):
    """Of a parameter list without its parentheses."""
    depth, count = 0, 1 if text.strip() and text.strip() != "void" else 0
    for character in text:
        if character in "(<[{":
            depth += 1
        elif character in ")>]}":
            depth -= 1
        elif character == "," and depth == 0:
            count += 1
    return count


FUNCTION = re.compile(
    r"^[ \t]*(?!return\b|else\b|if\b|for\b|while\b|switch\b|case\b|using\b|throw\b|co_await\b|co_return\b|#)"
    r"(?P<type>(?:[\w:<>,*&\[\]~ \t]+[ \t*&])?)(?P<name>~?[\w:]+)\(", re.M)


def wide_functions():
    for path in sorted(SOURCE.rglob("*.[hc]*")):
        text = re.sub(r"//[^\n]*", lambda match: " " * len(match[0]), path.read_text())
        text = re.sub(r'"(?:[^"\\\n]|\\.)*"', lambda match: '"' + " " * (len(match[0]) - 2) + '"', text)
        for match in FUNCTION.finditer(text):
            last_name = match["name"].split("::")[-1].lstrip("~")
            is_constructor = last_name[:1].isupper() and not last_name.isupper()
            if not match["type"].strip() and not is_constructor:  # a call, or a macro
                continue
            begin, depth, end = match.end(), 1, match.end()
            while end < len(text) and depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            inside = text[begin:end - 1]
            follows = re.match(r"\s*(const|noexcept|override|final|->[^{;]+|= 0|:\s|\s)*\s*[{;]", text[end:])
            is_declaration = follows and re.search(r"[\w>&*]\s+[\w&*]*\w+\s*(=[^,]*)?(,|$)", inside.strip())
            if is_declaration and parameter_count(inside) > PARAMETERS_MAX:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path.relative_to(ROOT)}:{line}: {parameter_count(inside)} parameters, at most {PARAMETERS_MAX}"


DEFINED = re.compile(r"(?:struct|class|enum(?: class)?) (?P<type>\w+)|[\w:<>,&*\[\] ]*?[ &*>](?P<function>\w+)\("
                     r"|.*?\b(?P<value>\w+)(?:\[\])?(?: =|\{)")


def unnamed_names(text):
    """What the unnamed namespaces of a source file define, but for aliases: these may be repeated."""
    for block in re.findall(r"^namespace \{\n(.*?)^\}  // namespace$", text, re.M | re.S):
        for line in block.splitlines():
            if re.match(r"(?!template|using|namespace|[A-Z_]+\()[A-Za-z]", line) and (match := DEFINED.match(line)):
                yield match["type"] or match["function"] or match["value"]
        for enumerators in re.findall(r"^enum (?!class)[^{;]*\{([^}]*)\}", block, re.M):
            yield from re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", enumerators)


def shared_names():
    """Names of unnamed namespaces that two files of a folder define. With PACKWALK_UNITY both may be compiled as one file, and
    a call may then silently reach the other file's function."""
    alone = (ROOT / "cmake" / "compiled_alone.cmake").read_text()
    owners = {}
    for path in sorted((*SOURCE.rglob("*.cc"), *(ROOT / "tests").rglob("*.cc"), *(ROOT / "bench").rglob("*.cc"))):
        name = str(path.relative_to(ROOT))
        if f"/{name}\n" in alone:
            continue
        for defined in set(unnamed_names(path.read_text())):
            owner = owners.setdefault((path.parent, path.stem.endswith("_test"), defined), name)
            if owner != name:
                yield f"{name}:1: {owner} defines `{defined}`, too: rename one, or share it"


def problems():
    blocks = libraries()
    for rule in (wrong_lists(blocks), unlisted_tests(), misplaced_own_headers(), cycles(), large_files(), wide_functions(), shared_names()):
        yield from (problem for problem in rule if problem.split(":")[0] not in EXCLUDED)
