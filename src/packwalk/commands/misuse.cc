#include "packwalk/commands/misuse.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "base/text.h"
#include "packwalk/commands/option_text.h"

namespace packwalk {
namespace {

/// The command that the words name, and the number of words in its name.
struct Named {
  const CLI::App* command;
  std::size_t words = 0;
};

Named named_by(const CLI::App& app, std::span<char* const> words) {
  Named named{&app};
  for (const std::string_view word : words) {
    const CLI::App* next = nullptr;
    for (const CLI::App* each : commands_of(*named.command)) {
      if (each->check_name(std::string(word))) next = each;
    }
    if (!next) break;
    named = {next, named.words + 1};
  }
  return named;
}

std::string help_of(const CLI::App& command) {
  const std::string path = path_of(command);
  return "`packwalk " + path + (path.empty() ? "" : " ") + "--help`";
}

/// The error in our style: without the capital letter and the name of the option with which the parser may begin.
std::string without_capital(const CLI::ParseError& error) {
  std::string sentence = error.what();
  const std::size_t colon = error.get_name() == "ValidationError" ? sentence.find(": ") : std::string::npos;
  const std::size_t begin = colon == std::string::npos ? 0 : colon + 2;
  if (begin < sentence.size()) {
    sentence[begin] = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence[begin])));
  }
  return sentence;
}

/// For "device fly", where `fly` is not a command.
std::optional<std::string> unknown_command(const Named& named, std::span<char* const> words) {
  const auto offered = commands_of(*named.command);
  if (offered.empty() || named.words >= words.size() || words[named.words][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* each : offered) names.push_back(each->get_name());
  const std::string word = printable(words[named.words]);
  const std::string path = path_of(*named.command);
  const auto nearest = nearest_to(word, names);
  return "unknown command " + path + (path.empty() ? "" : " ") + word + suggestion(nearest) + (nearest ? " " : "; ") +
         help_of(*named.command) + " lists all";
}

/// For `--frm`, where only `--from` exists. A value of an option may begin with one dash, but hardly with two.
std::optional<std::string> unknown_option(const Named& named, std::span<char* const> words) {
  std::vector<std::string> names;
  for (const CLI::Option* option : named.command->get_options({})) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const std::string_view word : words.subspan(named.words)) {
    if (word == "--") break;
    const std::string name(word.substr(0, word.find('=')));
    if (!name.starts_with("--") || named.command->get_option_no_throw(name)) continue;
    const std::string path = path_of(*named.command);
    return "packwalk " + path + (path.empty() ? "" : " ") + "has no option " + printable(name) +
           suggestion(nearest_to(name, names));
  }
  return std::nullopt;
}

}  // namespace

std::string misuse_of(const CLI::App& app, std::span<char* const> words, const CLI::ParseError& error) {
  const Named named = named_by(app, words);
  if (auto unknown = unknown_command(named, words)) return *std::move(unknown);
  if (auto unknown = unknown_option(named, words)) return *std::move(unknown);
  if (!commands_of(*named.command).empty())
    return "the sub-command is missing; " + help_of(*named.command) + " lists all";
  return without_capital(error) + "; see " + help_of(*named.command);
}

}  // namespace packwalk
