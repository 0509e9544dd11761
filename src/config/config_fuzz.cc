// Arbitrary files, environments and command lines: reading them ends, errors are one line, and
// what was read means the same when it is written down again.
//
// An input has up to three parts, separated by lines `===`: a file, variables NAME=VALUE a line,
// and the values of --option a line.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "config/ini.h"
#include "config/rules.h"
#include "config/text.h"

namespace {

using namespace marconi;
using namespace marconi::config;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void require_line(const std::string& text) {
  require(!text.empty() && text.find('\n') == text.npos, "a message is one line");
}

void require_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) require_line(line);
}

/// Up to the next `separator`, which is dropped.
std::string_view take(std::string_view& text, std::string_view separator) {
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), piece.size() + separator.size()));
  return piece;
}

/// A file in memory, by its name.
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("marconi.conf", 0)) { require(file_ >= 0, "a file"); }

  [[nodiscard]] std::string holding(std::string_view text) const {
    const bool written = ftruncate(file_, 0) == 0 && pwrite(file_, text.data(), text.size(), 0) ==
                                                         static_cast<ssize_t>(text.size());
    require(written, "the file is written");
    return "/proc/self/fd/" + std::to_string(file_);
  }

 private:
  int file_;
};

const OptionTable& table() {
  static const OptionTable kTable = OptionTable::standard();
  return kTable;
}

base::Result<Configuration> load(std::string_view file, std::string_view variables,
                                 std::string_view options) {
  static const MemoryFile kFile;
  Sources sources{.files = {kFile.holding(file)}};
  while (!variables.empty()) {
    std::string_view value = take(variables, "\n");
    const std::string_view name = take(value, "=");
    sources.environment.emplace_back(name, value);
  }
  while (!options.empty()) sources.options.emplace_back(take(options, "\n"));
  return Configuration::load(table(), sources);
}

void check_ini(std::string_view text) {
  const auto document = parse_ini(text, "fuzz.conf");
  if (!document) {
    require(document.error().description.starts_with("fuzz.conf:"), "an error names its place");
    return;
  }
  for (const auto& assignment : document->assignments) {
    require(!assignment.group.empty() && !assignment.name.empty(), "an assignment has a name");
    require(assignment.origin.line >= 1, "an assignment has a line");
  }
}

void check_rules(const Configuration& configuration) {
  require_lines(configuration.warnings());
  require_lines(effectless_options(configuration));
  const auto fine = refuse_unsupported(configuration);
  if (!fine) return require_line(fine.error().description);
  require(!store_driver(configuration).empty(), "there is a store");
}

/// A file has no way to write all that variables and references can make up: values with both kinds
/// of quotes in one place, and further lines that are empty or have white space at their ends.
bool can_be_written(std::string_view shown) {
  if (shown.contains('"') && shown.contains('\'')) return false;
  take(shown, "\n");
  while (!shown.empty()) {
    const std::string_view line = take(shown, "\n").substr(2);
    if (line.empty() || trim(line) != line) return false;
  }
  return true;
}

void check_written(const Configuration& configuration) {
  std::string file;
  for (const auto& setting : configuration.settings()) {
    if (!setting.origin || setting.secret || !can_be_written(setting.shown_value())) continue;
    file.append("[").append(setting.option->group).append("]\n");
    file.append(setting.option->name).append(" = ").append(setting.shown_value()).append("\n");
  }
  const auto again = load(file, {}, {});
  require(again.has_value(), "what was written can be read");
  for (const auto& setting : configuration.settings()) {
    const auto& other = again->setting(setting.option->group, setting.option->name);
    if (!other.origin) continue;
    require(other.value == setting.value, "what was written means the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view file = take(text, "\n===\n");
  const std::string_view variables = take(text, "\n===\n");
  check_ini(file);
  if (variables.contains('\0') || text.contains('\0')) return 0;  // C strings have none
  const auto configuration = load(file, variables, text);
  if (!configuration) {
    require_line(configuration.error().description);
    return 0;
  }
  check_rules(*configuration);
  check_written(*configuration);
  return 0;
}
