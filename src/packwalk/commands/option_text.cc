#include "packwalk/commands/option_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace packwalk {
namespace {

/// The text between `open` and `close` in a type's name, in the form of a validator: "UINT:INT in [1 - 100]".
std::string between(const std::string& type, std::string_view open, char close) {
  const std::size_t from = type.find(open);
  if (from == std::string::npos) return "";
  const std::size_t begin = from + open.size();
  return type.substr(begin, type.find(close, begin) - begin);
}

std::string joined(const std::vector<std::string>& words, char separator) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : std::string(1, separator)).append(word);
  return text;
}

/// "1 to 100"; "" if there is no range. For numbers with fractions, a validator writes 1 as 1.000000.
std::string range_of(const CLI::Option& option) {
  const std::string range = between(option.get_type_name(), " in [", ']');
  const std::size_t dash = range.find(" - ");
  if (dash == std::string::npos) return "";
  const auto tidy = [](std::string number) {
    if (number.find('.') == std::string::npos) return number;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
    return number;
  };
  return tidy(range.substr(0, dash)) + " to " + tidy(range.substr(dash + 3));
}

}  // namespace

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

std::string path_of(const CLI::App& command) {
  if (!command.get_parent()) return "";
  const std::string above = path_of(*command.get_parent());
  return above.empty() ? command.get_name() : above + " " + command.get_name();
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  std::vector<std::string> choices;
  const std::string list = between(option.get_type_name(), ":{", '}');
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    choices.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return choices;
}

std::string placeholder_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  if (const auto choices = choices_of(option); !choices.empty()) return joined(choices, '|');
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  const std::string validator = name.size() < type.size() ? type.substr(name.size() + 1) : "";
  if (validator == "FILE" || validator == "DIR") return validator;
  if (name == "UINT" || name == "INT" || name == "FLOAT") return "N";
  return name;
}

std::string synopsis_of(const CLI::Option& option) {
  const bool repeats = option.get_expected_max() == CLI::detail::expected_max_vector_size;
  const bool is_positional = !option.get_positional() ? false : option.get_lnames().empty();
  std::string text;
  if (is_positional) {
    text = option.get_name(true, false);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
  } else {
    text = option.get_name(false, true);
    std::replace(text.begin(), text.end(), ',', ' ');
    if (const std::string placeholder = placeholder_of(option); !placeholder.empty()) text += " " + placeholder;
  }
  return repeats ? text + "..." : text;
}

std::string meaning_of(const CLI::Option& option) {
  std::string text = option.get_description();
  if (const std::string range = range_of(option); !range.empty()) text += ", " + range;
  if (const std::string usual = option.get_default_str(); !usual.empty() && usual != "\"\"") text += " [" + usual + "]";
  if (option.get_required() && !option.get_positional()) text += " (required)";
  return text;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t column = indent;
  const std::string margin(indent, ' ');
  const auto begin_line = [&] {
    lines.append("\n").append(margin);
    column = indent;
  };
  bool is_first = true;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      begin_line();
      is_first = true;
      ++at;
      continue;
    }
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!is_first && column + 1 + word.size() > width) {
      begin_line();
      is_first = true;
    }
    if (!is_first) {
      lines.push_back(' ');
      ++column;
    }
    lines.append(word);
    column += word.size();
    is_first = false;
    at = end;
  }
  return lines;
}

}  // namespace packwalk
