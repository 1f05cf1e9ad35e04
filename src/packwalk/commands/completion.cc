#include "packwalk/commands/completion.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "packwalk/commands/option_text.h"

namespace packwalk {
namespace {

/// The cases of the script: words that begin a command, words after an option, and words anywhere in a command.
struct Cases {
  std::string commands;
  std::string values;
  std::string words;
};

std::string spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

/// The arguments of `compgen` for the words after an option; "" if it cannot know them.
std::string generator_of(const CLI::Option& option) {
  if (const auto choices = choices_of(option); !choices.empty()) return "-W \"" + spaced(choices) + "\"";
  const std::string placeholder = placeholder_of(option);
  if (placeholder == "DIR") return "-d";
  if (placeholder == "FILE") return "-f";
  return "";
}

void add(const CLI::App& command, Cases& cases) {
  const std::string path = path_of(command);
  std::vector<std::string> words;
  for (const CLI::App* each : commands_of(command)) {
    words.push_back(each->get_name());
    cases.commands.append(cases.commands.empty() ? "" : " | ").append("\"" + path + " " + each->get_name() + "\"");
  }
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_lnames()) {
      words.push_back("--" + name);
      if (option->get_type_size() == 0) continue;
      const std::string generator = generator_of(*option);
      cases.values.append("    \"" + path + ":--" + name + "\") ");
      cases.values.append(generator.empty() ? "COMPREPLY=()" : "COMPREPLY=($(compgen " + generator + " -- \"$word\"))");
      cases.values.append("; return ;;\n");
    }
  }
  cases.words.append("    \"" + path + "\") words=\"" + spaced(words) + "\" ;;\n");
  for (const CLI::App* each : commands_of(command)) add(*each, cases);
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  Cases cases;
  add(app, cases);
  return "# Completion of packwalk for bash, made by `packwalk completion bash`.\n"
         "_packwalk() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD - 1]}\" path=\"\" words=\"\" i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case \"$path ${COMP_WORDS[i]}\" in\n"
         "      " +
         cases.commands +
         ") path=\"${path:+$path }${COMP_WORDS[i]}\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path:$before\" in\n" +
         cases.values +
         "  esac\n"
         "  case \"$path\" in\n" +
         cases.words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  if [[ ${#COMPREPLY[@]} -eq 0 && $word != -* ]]; then COMPREPLY=($(compgen -f -- \"$word\")); fi\n"
         "}\n"
         "complete -o filenames -F _packwalk packwalk\n";
}

}  // namespace packwalk
