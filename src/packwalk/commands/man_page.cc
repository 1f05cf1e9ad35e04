#include "packwalk/commands/man_page.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "packwalk/commands/option_text.h"

namespace packwalk {
namespace {

/// Escapes a text for man(7).
std::string escaped(std::string_view text) {
  std::string escaped;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) escaped.append("\\&");
    begins_line = c == '\n';
    if (c == '\\') {
      escaped.append("\\e");
    } else if (c == '-') {
      escaped.append("\\-");
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

/// Keeps each line as it is.
std::string as_it_stands(std::string_view text) { return ".nf\n" + escaped(text) + "\n.fi\n"; }

std::string man_entry(const std::string& name, const std::string& text) {
  std::string lines;
  for (std::size_t at = 0; at <= text.size();) {  // keeps our line ends
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.append(at == 0 ? "" : ".br\n").append(escaped(text.substr(at, end - at))).append("\n");
    at = end + 1;
  }
  return ".TP\n.B " + escaped(name) + "\n" + lines;
}

void append_command(std::string& page, const CLI::App& command) {
  const std::string path = path_of(command);
  page.append(".SS packwalk ").append(escaped(path)).append("\n");
  page.append(escaped(command.get_description())).append(".\n");
  for (const CLI::Option* option : command.get_options({})) {
    if (option->get_name(false, true) != "-h,--help") page.append(man_entry(synopsis_of(*option), meaning_of(*option)));
  }
  if (const std::string footer = command.get_footer(); !footer.empty()) page.append(".PP\n" + as_it_stands(footer));
  for (const CLI::App* each : commands_of(command)) append_command(page, *each);
}

}  // namespace

std::string man_page(const CLI::App& app, const std::string& version) {
  std::string page = ".TH PACKWALK 1 \"\" \"packwalk " + escaped(version) + "\" \"User Commands\"\n";
  page.append(".SH NAME\npackwalk \\- " + escaped(app.get_description()) + "\n");
  page.append(".SH SYNOPSIS\n.B packwalk\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH COMMANDS\n");
  for (const CLI::App* each : commands_of(app)) append_command(page, *each);
  page.append(".SH ENVIRONMENT\n");
  page.append(man_entry(
      "PACKWALK_DATA",
      "The data folder, if --data is not given. replay and simulate ignore it, because they invent devices."));
  page.append(man_entry("PACKWALK_CONFIG", "The configuration file, if --config is not given."));
  page.append(
      man_entry("PACKWALK_SECTION_KEY",
                "A key of the configuration. It overrides the file: PACKWALK_HTTP_LISTEN overrides http.listen. "
                "`packwalk serve --print-config` prints every key."));
  page.append(man_entry("NO_COLOR", "If set and not empty, doctor prints no colours."));
  page.append(".SH EXIT STATUS\n");
  page.append(man_entry("0", "Success."));
  page.append(man_entry("1",
                        "The command failed or found a problem: check a difference, doctor a FAULT, replay a packet "
                        "without the expected verdict."));
  page.append(man_entry("2", "The command line is not valid. Nothing was done."));
  if (const std::string footer = app.get_footer(); !footer.empty()) {
    page.append(".SH EXAMPLES\n").append(as_it_stands(footer.substr(footer.find('\n') + 1)));
  }
  return page;
}

}  // namespace packwalk
