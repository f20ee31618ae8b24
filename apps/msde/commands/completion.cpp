// msde completion: a script by which bash completes commands, flags, their choices and configuration keys.
#include <fmt/ranges.h>

#include <iostream>

#include "apps/msde/commands/command.hpp"
#include "msde/run/settings.hpp"

namespace msde {
namespace {

using Words = std::vector<std::string>;

Words configuration_keys(const std::string& end) {
  Settings settings;
  const OptionTable table = option_table(settings);
  Words keys;
  for (const auto& option : table.options()) keys.push_back(option.key + end);
  return keys;
}

Words flags_of(const CLI::App& command) {
  Words words;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  return words;
}

// "TEXT:{native,pdebench}", as CLI11 describes an option with choices: these.
Words choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

void branch(const std::string& pattern, const Words& words, const char* also = "") {
  if (!words.empty())
    std::cout << fmt::format("    {}) words='{}'{} ;;\n", pattern, fmt::join(words, " "), also);
}

// By the command and the word before the one that is completed: what an option takes.
void print_values(const std::vector<const CLI::App*>& commands) {
  std::cout << "  case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  branch("*' --set'", configuration_keys("="), "; compopt -o nospace");
  branch("'config config'", {"explain"});
  branch("'config explain'", configuration_keys(""));
  for (const CLI::App* command : commands)
    for (const CLI::Option* option : command->get_options())
      for (const auto& name : option->get_lnames())
        branch(fmt::format("'{} --{}'", command->get_name(), name), choices_of(*option));
  std::cout << "  esac\n";
}

// Where it takes nothing that is known: flags of the command, or the commands. Else bash completes files.
void print_commands(const CLI::App& app, const std::vector<const CLI::App*>& commands) {
  std::cout << "  case \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n";
  Words names = flags_of(app);
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  branch("1' '*", names);
  for (const CLI::App* command : commands)
    branch(fmt::format("*' {}'", command->get_name()), flags_of(*command));
  std::cout << "  esac\n";
}

void print_script(const CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::cout << "# bash completion of msde: source <(msde completion)\n"
               "_msde() {\n"
               "  local word=${COMP_WORDS[COMP_CWORD]} words=\n"
               "  COMPREPLY=()\n";
  print_values(commands);
  std::cout << "  if [[ $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$word\")); return; fi\n"
               "  [[ $COMP_CWORD == 1 || $word == -* ]] || return 0\n";
  print_commands(app, commands);
  std::cout << "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
               "}\n"
               "complete -o default -F _msde msde\n";
}

}  // namespace

Command add_completion(CLI::App& app) {
  auto* command = app.add_subcommand("completion", "Print the completion script for bash");
  command->footer(examples({"source <(msde completion)    # in ~/.bashrc, too"}));
  return {command, [command] { print_script(*command->get_parent()); }};
}

}  // namespace msde
