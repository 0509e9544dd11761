#include "config/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "config/text.h"

namespace marconi::config {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kProjects = {"marconi", "zaqar"};
constexpr std::string_view kEnvironmentPrefix = "OS_";

std::unexpected<base::Error> invalid(std::string what) {
  return base::fail(base::ErrorKind::invalid, std::move(what));
}

std::vector<fs::path> search_places(const Sources& sources, std::string_view project) {
  std::vector<fs::path> places;
  if (!sources.home.empty()) {
    places.push_back(sources.home / fmt::format(".{}", project));
    places.push_back(sources.home);
  }
  places.push_back(sources.root / "etc" / project);
  places.push_back(sources.root / "etc");
  return places;
}

/// The *.conf files of a directory, sorted by name.
base::Result<std::vector<std::string>> list_directory(const fs::path& directory) {
  std::error_code code;
  std::vector<std::string> files;
  fs::directory_iterator entry(directory, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    if (entry->path().extension() == ".conf") files.push_back(entry->path().string());
  }
  if (code) return invalid(fmt::format("{}: {}", directory.string(), code.message()));
  std::ranges::sort(files);
  return files;
}

/// The first of the places that has a file or directory of this name.
std::optional<fs::path> find_first(const std::vector<fs::path>& places, const std::string& name) {
  std::error_code ignored;
  for (const auto& place : places) {
    if (fs::exists(place / name, ignored)) return place / name;
  }
  return std::nullopt;
}

base::Result<std::vector<std::string>> find_project_files(const Sources& sources,
                                                          std::string_view project) {
  const auto places = search_places(sources, project);
  std::vector<std::string> files;
  const std::array<std::string, 2> names = {std::string(project),
                                            fmt::format("{}-server", project)};
  for (const auto& name : names) {
    if (const auto file = find_first(places, name + ".conf")) files.push_back(file->string());
  }
  for (const auto& name : names) {
    const auto directory = find_first(places, name + ".conf.d");
    if (!directory) continue;
    auto listed = list_directory(*directory);
    if (!listed) return listed;
    files.insert(files.end(), listed->begin(), listed->end());
  }
  return files;
}

/// The forms of one name in the environment: colons and dots of the group may be underscores.
std::array<std::string, 2> environment_groups(std::string_view group) {
  auto exact = to_upper(group);
  std::ranges::replace(exact, '-', '_');
  auto plain = exact;
  std::ranges::replace(plain, ':', '_');
  std::ranges::replace(plain, '.', '_');
  return {exact, plain};
}

/// All names that options may have in the environment, and the groups among them.
class EnvironmentNames {
 public:
  explicit EnvironmentNames(const OptionTable& table) {
    for (const auto& option : table.options()) {
      add(option.group, option.name);
      for (const auto& alias : option.aliases) add(alias.group, alias.name);
    }
  }

  using Name = std::pair<std::string_view, std::string_view>;  // group and name in the table

  [[nodiscard]] const Name* find(const std::string& variable) const {
    const auto found = names_.find(variable);
    return found == names_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] bool knows_group_of(std::string_view variable) const {
    const auto end = variable.find("__");
    return end != variable.npos && groups_.contains(std::string(variable.substr(0, end)));
  }

 private:
  void add(std::string_view group, std::string_view name) {
    auto upper_name = to_upper(name);
    std::ranges::replace(upper_name, '-', '_');
    for (const auto& upper_group : environment_groups(group)) {
      const auto prefix = std::string(kEnvironmentPrefix) + upper_group;
      groups_.insert(prefix);
      names_.emplace(prefix + "__" + upper_name, Name{group, name});
    }
  }

  std::map<std::string, Name> names_;
  std::set<std::string> groups_;
};

base::Result<Assignment> split_option(std::string_view text) {
  const auto equals = text.find('=');
  const auto target = trim(text.substr(0, equals));
  const auto dot = target.rfind('.');
  if (equals == text.npos || dot == target.npos || dot == 0 || dot + 1 == target.size()) {
    // The value stays out of the message: it may be a secret.
    return invalid(fmt::format("--option {}: expected GROUP.NAME=VALUE", target));
  }
  return Assignment{std::string(target.substr(0, dot)),
                    std::string(target.substr(dot + 1)),
                    std::string(unquote(trim(text.substr(equals + 1)))),
                    {"--option", 0}};
}

}  // namespace

base::Result<std::vector<std::string>> files_to_read(const Sources& sources) {
  auto files = sources.files;
  for (const auto& directory : sources.directories) {
    auto listed = list_directory(directory);
    if (!listed) return listed;
    files.insert(files.end(), listed->begin(), listed->end());
  }
  if (!sources.files.empty() || !sources.directories.empty()) return files;
  for (const auto project : kProjects) {
    auto found = find_project_files(sources, project);
    if (!found || !found->empty()) return found;
  }
  return files;
}

base::Result<IniDocument> read_file(const std::string& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return invalid(path + ": is a directory");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  // Streaming an empty file sets failbit on `text`, which is no error.
  if (!file || file.bad()) return invalid(path + ": cannot be read");
  return parse_ini(text.view(), path);
}

std::vector<Assignment> read_environment(const Sources& sources, const OptionTable& table,
                                         std::vector<std::string>& warnings) {
  const EnvironmentNames names(table);
  std::vector<Assignment> found;
  for (const auto& [variable, value] : sources.environment) {
    if (const auto* name = names.find(variable)) {
      found.push_back({std::string(name->first),
                       std::string(name->second),
                       std::string(unquote(trim(value))),
                       {variable, 0}});
    } else if (names.knows_group_of(variable)) {
      warnings.push_back(fmt::format("{}: unknown option, ignored", variable));
    }
  }
  return found;
}

base::Result<std::vector<Assignment>> read_command_line(const Sources& sources,
                                                        const OptionTable& table) {
  std::vector<Assignment> found;
  for (const auto& text : sources.options) {
    auto assignment = split_option(text);
    if (!assignment) return std::unexpected(assignment.error());
    const auto& [group, name, value, origin] = *assignment;
    if (!table.find(group, name) && table.find_open_group(group) == nullptr) {
      return invalid(fmt::format("--option {}.{}: no such option", group, name));
    }
    found.push_back(std::move(*assignment));
  }
  found.insert(found.end(), sources.switches.begin(), sources.switches.end());
  return found;
}

}  // namespace marconi::config
