#include "packwalk/commands/help_format.h"

#include "packwalk/commands/option_text.h"

namespace packwalk {
namespace {

constexpr std::size_t width = 100;
constexpr std::size_t name_column = 2;
constexpr std::size_t text_column = 28;

std::string help_entry(const std::string& name, const std::string& text) {
  std::string lines(name_column, ' ');
  lines.append(name);
  if (lines.size() + 1 >= text_column) {
    lines.append("\n").append(text_column, ' ');
  } else {
    lines.append(text_column - lines.size(), ' ');
  }
  return lines.append(wrapped(text, width, text_column)).append("\n");
}

}  // namespace

std::string HelpFormat::make_option(const CLI::Option* option, bool /*is_positional*/) const {
  return help_entry(synopsis_of(*option), meaning_of(*option));
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return help_entry(command->get_name(), command->get_description());
}

std::string HelpFormat::make_description(const CLI::App* command) const {
  return wrapped(command->get_description(), width, 0) + "\n";
}

std::string HelpFormat::make_usage(const CLI::App* command, std::string /*name*/) const {
  const std::string path = path_of(*command);
  std::string usage = "Usage: packwalk" + (path.empty() ? "" : " " + path);
  if (!commands_of(*command).empty()) usage += " COMMAND";
  for (const CLI::Option* option :
       command->get_options([](const CLI::Option* each) { return each->get_positional(); })) {
    usage += option->get_required() ? " " + synopsis_of(*option) : " [" + synopsis_of(*option) + "]";
  }
  return "\n" + usage + " [OPTIONS]\n";
}

}  // namespace packwalk
