"""The rules of tools/source_text.py find what they forbid, and nothing else."""
import pathlib
import sys
import unittest

TOOLS = pathlib.Path(__file__).parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
import source_text  # noqa: E402

# Written so that this file does not contain it.
PHRASE = f"the row {'is'} none"


class SourceText(unittest.TestCase):
    def problems(self, rule, text, name="src/core/phone/sample.cc"):
        return [number for number, _ in rule(source_text.ROOT / name, text)]

    def test_a_phrase_in_a_comment_or_a_literal_is_found(self):
        for text in (f"// {PHRASE}\n", f'fail("{PHRASE}");\n', f"int a;  /// {PHRASE}\n"):
            self.assertEqual([1], self.problems(source_text.phrase_problems, text), text)
        self.assertEqual([1], self.problems(source_text.phrase_problems, f"# {PHRASE}\n", "tools/sample.py"))

    def test_a_phrase_across_lines_is_found(self):
        first, _, last = PHRASE.rpartition(" ")
        for text in (f"/// {first}\n/// {last}\n", f'"{first} "\n    "{last}"\n', f'"{first}"\n    " {last}"\n'):
            self.assertEqual([1], self.problems(source_text.phrase_problems, text), text)

    def test_code_is_not_a_phrase(self):
        self.assertEqual([], self.problems(source_text.phrase_problems, f"{PHRASE};\n"))
        self.assertEqual([], self.problems(source_text.phrase_problems, "// there is none\n"))

    def test_a_word_with_another_meaning_is_found_where_it_is_wrong(self):
        for text in ("bool names_a_place(int);", "// the place of a phone", "struct Notice {"):
            self.assertEqual([1], self.problems(source_text.word_problems, text), text)
        for text in ("emplace_back(1);", "text.replace(1);", "// changed in place", "struct Notices {"):
            self.assertEqual([], self.problems(source_text.word_problems, text), text)
        self.assertEqual([], self.problems(source_text.word_problems, "LatLon place;", "src/town/sample.cc"))

    def test_a_part_of_a_json_text_in_a_literal_is_found(self):
        for text in (r'"{\"a\":"', 'R"({"a":)"', r'",\"a\":"'):
            self.assertEqual([1], self.problems(source_text.json_problems, text), text)
        for text in ('R"({"ok":true})"', '"a: b"', r'// {"a":', '"::"', r'"case \"$a::"'):
            self.assertEqual([], self.problems(source_text.json_problems, text), text)
        self.assertEqual([], self.problems(source_text.json_problems, 'R"({"a":)"', "src/core/phone/sample_test.cc"))


if __name__ == "__main__":
    unittest.main()
