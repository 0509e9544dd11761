#include "config/configuration.h"

#include <fmt/format.h>

#include <cassert>
#include <set>
#include <utility>

#include "config/substitution.h"
#include "config/text.h"

namespace marconi::config {
namespace {

Value default_of(const Option& option) {
  if (!option.default_text) return {};
  auto value = parse_value(option, *option.default_text);
  assert(value && "a declared default must satisfy its own option");
  return value.value_or(Value{});
}

}  // namespace

bool Configuration::Setting::differs_from_default() const {
  return origin && value != default_of(*option);
}

std::string Configuration::Setting::shown_value() const {
  if (secret && !std::holds_alternative<std::monostate>(value)) return "***";
  return format_value(value);
}

std::string Configuration::Setting::describe() const {
  return fmt::format("{}{}[{}] {}", origin ? origin->to_string() : "", origin ? ": " : "",
                     option->group, option->name);
}

/// Builds a Configuration: gathers raw texts by precedence, then gives them types.
class ConfigurationLoader {
 public:
  ConfigurationLoader(const OptionTable& table, const Sources& sources)
      : table_(table), sources_(sources), raw_(table.options().size()), made_(table) {}

  base::Result<Configuration> load() {
    if (auto read = read_files(); !read) return std::unexpected(read.error());
    apply(read_environment(sources_, table_, made_.warnings_));
    auto command_line = read_command_line(sources_, table_);
    if (!command_line) return std::unexpected(command_line.error());
    apply(*command_line);
    if (auto typed = give_types(); !typed) return std::unexpected(typed.error());
    return std::move(made_);
  }

 private:
  /// The winning text of one option so far.
  struct Raw {
    std::optional<Assignment> assignment;
    int level = 0;  // of the source it came from; 0: none
    bool own_name = false;
  };

  base::Result<void> read_files() {
    auto files = files_to_read(sources_);
    if (!files) return std::unexpected(files.error());
    std::vector<Assignment> all;
    for (const auto& file : *files) {
      auto document = read_file(file);
      if (!document) return std::unexpected(document.error());
      warn_of_unknown_groups(*document);
      all.insert(all.end(), document->assignments.begin(), document->assignments.end());
    }
    made_.files_ = std::move(*files);
    apply(all);
    return {};
  }

  void warn_of_unknown_groups(const IniDocument& document) {
    for (const auto& section : document.sections) {
      if (table_.knows_group(section.name) || !warned_groups_.insert(section.name).second) continue;
      made_.warnings_.push_back(
          fmt::format("{}: unknown group [{}], ignored", section.origin.to_string(), section.name));
    }
  }

  /// Takes the assignments of the next source, which beats all before it.
  void apply(const std::vector<Assignment>& assignments) {
    ++level_;
    for (const auto& assignment : assignments) {
      if (const auto matches = table_.find_all(assignment.group, assignment.name);
          !matches.empty()) {
        warn_if_deprecated(matches, assignment);
        for (const auto& match : matches) take(match, assignment);
      } else if (const auto* open = table_.find_open_group(assignment.group)) {
        made_.unlisted_.push_back({assignment, open->support});
      } else if (table_.knows_group(assignment.group)) {
        made_.warnings_.push_back(fmt::format("{}: unknown option {} in [{}], ignored",
                                              assignment.origin.to_string(), assignment.name,
                                              assignment.group));
      }
    }
  }

  void warn_if_deprecated(const std::vector<OptionTable::Match>& matches,
                          const Assignment& assignment) {
    std::vector<std::string> names;
    for (const auto& [option, alias] : matches) {
      if (alias == nullptr || !alias->deprecated) return;
      names.push_back(fmt::format("[{}] {}", option->group, option->name));
    }
    made_.warnings_.push_back(fmt::format("{}: [{}] {} is deprecated, write {}",
                                          assignment.origin.to_string(), assignment.group,
                                          assignment.name, join(names, " and ")));
  }

  void take(const OptionTable::Match& match, const Assignment& assignment) {
    auto& raw = raw_[index_of(*match.option)];
    const bool own_name = match.alias == nullptr;
    if (raw.level == level_ && raw.own_name && !own_name) return;
    raw = {assignment, level_, own_name};
  }

  base::Result<void> give_types() {
    for (const auto& option : table_.options()) {
      auto setting = make_setting(option);
      if (!setting) return std::unexpected(setting.error());
      made_.settings_.push_back(std::move(*setting));
    }
    return {};
  }

  base::Result<Configuration::Setting> make_setting(const Option& option) {
    const auto& assignment = raw_[index_of(option)].assignment;
    if (!assignment) {
      return Configuration::Setting{&option, default_of(option), std::nullopt, option.secret};
    }
    const auto complain = [&](const std::string& what) {
      return base::fail(base::ErrorKind::invalid,
                        fmt::format("{}: [{}] {}: {}", assignment->origin.to_string(),
                                    assignment->group, assignment->name, what));
    };
    const auto text =
        substitute(option, [this](const Option& other) { return raw_text(other); }, table_);
    if (!text) return complain(text.error());
    auto shown = option;
    shown.secret |= text->secret;
    auto value = parse_value(shown, text->text);
    if (!value) return complain(value.error());
    return Configuration::Setting{&option, std::move(*value), assignment->origin, shown.secret};
  }

  /// What an option's text is before substitution.
  [[nodiscard]] RawText raw_text(const Option& option) const {
    const auto& assignment = raw_[index_of(option)].assignment;
    if (assignment) return {assignment->text, false};
    return {option.default_text.value_or(""), true};
  }

  [[nodiscard]] std::size_t index_of(const Option& option) const {
    return static_cast<std::size_t>(&option - table_.options().data());
  }

  const OptionTable& table_;
  const Sources& sources_;
  int level_ = 0;
  std::vector<Raw> raw_;  // like Configuration::settings_
  std::set<std::string> warned_groups_;
  Configuration made_;
};

base::Result<Configuration> Configuration::load(const OptionTable& table, const Sources& sources) {
  return ConfigurationLoader(table, sources).load();
}

const Configuration::Setting& Configuration::setting(std::string_view group,
                                                     std::string_view name) const {
  const auto match = table_->find(group, name);
  assert(match && "no such option");
  return settings_[static_cast<std::size_t>(match->option - table_->options().data())];
}

bool Configuration::boolean(std::string_view group, std::string_view name) const {
  return std::get<bool>(setting(group, name).value);
}

std::int64_t Configuration::integer(std::string_view group, std::string_view name) const {
  return std::get<std::int64_t>(setting(group, name).value);
}

double Configuration::real(std::string_view group, std::string_view name) const {
  return std::get<double>(setting(group, name).value);
}

std::string Configuration::text(std::string_view group, std::string_view name) const {
  const auto& value = setting(group, name).value;
  if (std::holds_alternative<std::monostate>(value)) return {};
  return std::get<std::string>(value);
}

std::uint16_t Configuration::port(std::string_view group, std::string_view name) const {
  return static_cast<std::uint16_t>(integer(group, name));
}

List Configuration::list(std::string_view group, std::string_view name) const {
  const auto& value = setting(group, name).value;
  if (std::holds_alternative<std::monostate>(value)) return {};
  return std::get<List>(value);
}

Dict Configuration::dict(std::string_view group, std::string_view name) const {
  const auto& value = setting(group, name).value;
  if (std::holds_alternative<std::monostate>(value)) return {};
  return std::get<Dict>(value);
}

}  // namespace marconi::config
