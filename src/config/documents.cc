#include "config/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "config/text.h"
#include "config/value.h"

namespace marconi::config {
namespace {

constexpr std::size_t kSampleWidth = 98;

constexpr std::string_view kSampleHead =
    "# Configuration of marconi-server. Every option is shown with its default; remove the '#'\n"
    "# before a name to change it. Written by 'marconi-server --print-sample-config'.\n";

constexpr std::string_view kReferenceHead =
    "# Options of marconi-server\n"
    "\n"
    "Written by `marconi-server --print-option-reference`; do not edit.\n"
    "\n"
    "Values come from, strongest first: the command line (`--option GROUP.NAME=VALUE`), the\n"
    "environment (`OS_GROUP__NAME`, upper case, with `_` for `-`, `:` and `.`), files in INI\n"
    "format (`--config-file`, `--config-dir`), the defaults below.\n";

using Names = std::vector<std::string>;

/// The options of one group; groups come in the order of the table.
struct Group {
  std::string_view name;
  std::vector<const Option*> options;
};

std::vector<Group> grouped(const OptionTable& table,
                           const std::function<bool(const Option&)>& wanted) {
  std::vector<Group> groups;
  for (const auto& option : table.options()) {
    if (!wanted(option)) continue;
    auto group = std::ranges::find(groups, option.group, &Group::name);
    if (group == groups.end()) group = groups.insert(group, {option.group, {}});
    group->options.push_back(&option);
  }
  return groups;
}

bool is_effective(const Option& option) { return option.support == Support::effective; }

/// Breaks `text` at spaces into lines of `# `.
std::string comment(std::string_view text) {
  std::string out;
  std::string line = "#";
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find(' ', start), text.size());
    const auto word = text.substr(start, end - start);
    if (line.size() + 1 + word.size() > kSampleWidth) {
      out += line + '\n';
      line = "#";
    }
    line += ' ';
    line += word;
    start = end + 1;
  }
  return out + line + '\n';
}

bool contains(const std::vector<std::string_view>& values, std::string_view value) {
  return std::ranges::find(values, value) != values.end();
}

/// The choices this build takes, those for tests left out.
Names open_choices(const Option& option) {
  Names open;
  for (const auto choice : option.choices) {
    if (contains(option.refused, choice) || contains(option.for_tests, choice)) continue;
    open.push_back(choice.empty() ? "empty" : std::string(choice));
  }
  return open;
}

std::string bounds(const Option& option) {
  if (option.min && option.max) return fmt::format("{} to {}", *option.min, *option.max);
  if (option.min) return fmt::format("at least {}", *option.min);
  if (option.max) return fmt::format("at most {}", *option.max);
  return {};
}

std::string type_line(const Option& option) {
  std::string line(name_of(option.type));
  if (const auto range = bounds(option); !range.empty()) line += ", " + range;
  if (const auto choices = open_choices(option); !choices.empty()) {
    line += ": " + join(choices, ", ");
  }
  return line;
}

std::string sample_entry(const Option& option) {
  const auto preset = option.default_text.value_or("<unset>");
  return fmt::format("\n{}{}#{} ={}{}\n", comment(option.effect),
                     comment(fmt::format("({})", type_line(option))), option.name,
                     preset.empty() ? "" : " ", preset);
}

/// Text inside a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string default_cell(const Option& option) {
  if (!option.default_text) return "unset";
  return option.default_text->empty() ? "empty" : code(*option.default_text);
}

std::string other_names(const Option& option) {
  Names names;
  for (const auto& alias : option.aliases) {
    const auto group = alias.group == option.group ? "" : fmt::format("[{}] ", alias.group);
    names.push_back(code(fmt::format("{}{}", group, alias.name)) +
                    (alias.deprecated ? " (deprecated)" : ""));
  }
  return names.empty() ? "" : fmt::format(" Also {}.", join(names, ", "));
}

std::string effective_row(const Option& option) {
  return fmt::format("| `{}` | {} | {} | {}{} |\n", option.name, cell(type_line(option)),
                     default_cell(option), cell(option.effect), other_names(option));
}

std::string effective_part(const OptionTable& table) {
  std::string out;
  for (const auto& group : grouped(table, is_effective)) {
    out += fmt::format("\n## `[{}]`\n\n| Name | Type | Default | Effect |\n|---|---|---|---|\n",
                       group.name);
    for (const auto* option : group.options) out += effective_row(*option);
  }
  return out;
}

/// A row for each group in which any name is accepted, or refused.
std::string open_rows(const OptionTable& table, Support support, std::string_view what) {
  std::string out;
  for (const auto& group : table.open_groups()) {
    if (group.support != support) continue;
    out += fmt::format("| `[{}{}]` | {} |\n", group.name, group.prefix ? "NAME" : "", what);
  }
  return out;
}

std::string refused_part(const OptionTable& table) {
  std::string out =
      "\n## Not supported\n\n"
      "The server refuses to start with these, rather than leave out what was asked for.\n\n"
      "| Option | Refused |\n|---|---|\n";
  for (const auto& option : table.options()) {
    Names values;
    for (const auto value : option.refused) values.push_back(code(value));
    if (option.support == Support::unsupported) values = {"any value but the default"};
    if (values.empty()) continue;
    out += fmt::format("| `[{}] {}` | {} |\n", option.group, option.name, join(values, ", "));
  }
  return out + open_rows(table, Support::unsupported, "any option");
}

std::string no_effect_part(const OptionTable& table) {
  std::string out =
      "\n## Without effect\n\n"
      "Options of the reference service that are accepted, so that its files stay valid, and that\n"
      "change nothing here. One set to other than its default is warned of at start.\n\n"
      "| Group | Names |\n|---|---|\n";
  const auto wanted = [](const Option& option) { return option.support == Support::no_effect; };
  for (const auto& group : grouped(table, wanted)) {
    Names names;
    for (const auto* option : group.options) names.push_back(code(option->name));
    out += fmt::format("| `[{}]` | {} |\n", group.name, join(names, ", "));
  }
  return out + open_rows(table, Support::no_effect, "any other name");
}

}  // namespace

std::string sample_configuration(const OptionTable& table) {
  std::string out(kSampleHead);
  for (const auto& group : grouped(table, is_effective)) {
    out += fmt::format("\n[{}]\n", group.name);
    for (const auto* option : group.options) out += sample_entry(*option);
  }
  return out;
}

std::string option_reference(const OptionTable& table) {
  return std::string(kReferenceHead) + effective_part(table) + refused_part(table) +
         no_effect_part(table);
}

}  // namespace marconi::config
