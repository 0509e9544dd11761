// The configuration of a run: every option with its value, read once at start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/assignment.h"
#include "config/option_table.h"
#include "config/sources.h"
#include "config/value.h"

namespace marconi::config {

/// Immutable; may be read by any thread. Refers to the table it was loaded with.
///
/// The typed getters take the group and the own name of an option of that type; asking for
/// anything else is a mistake of ours and asserts.
class Configuration {
 public:
  /// One option's value.
  struct Setting {
    const Option* option = nullptr;
    Value value;
    std::optional<Origin> origin;  ///< absent: the default
    bool secret = false;           ///< it is one, or one was substituted into it

    [[nodiscard]] bool differs_from_default() const;
    /// As it may be shown: `***` for secrets that are set.
    [[nodiscard]] std::string shown_value() const;
    /// `file:line: [group] name`, for messages.
    [[nodiscard]] std::string describe() const;
  };

  /// Reads all sources. The command line beats the environment, which beats files, which beat
  /// defaults; within one of them the later value wins, but an option's own name beats its
  /// aliases. `invalid`, naming the place, if a file cannot be read or a value has the wrong type
  /// or range. What this build supports is not looked at here (rules.h).
  static base::Result<Configuration> load(const OptionTable& table, const Sources& sources);

  [[nodiscard]] bool boolean(std::string_view group, std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view group, std::string_view name) const;
  [[nodiscard]] double real(std::string_view group, std::string_view name) const;
  /// Of a text or host; empty if unset.
  [[nodiscard]] std::string text(std::string_view group, std::string_view name) const;
  [[nodiscard]] std::uint16_t port(std::string_view group, std::string_view name) const;
  [[nodiscard]] List list(std::string_view group, std::string_view name) const;
  [[nodiscard]] Dict dict(std::string_view group, std::string_view name) const;

  /// The value with its origin, of any type.
  [[nodiscard]] const Setting& setting(std::string_view group, std::string_view name) const;

  /// In the order of the table.
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }

  /// Something written in an open group; nobody looks at its value.
  struct Unlisted {
    Assignment assignment;
    Support support = Support::no_effect;
  };
  [[nodiscard]] const std::vector<Unlisted>& unlisted() const { return unlisted_; }

  /// One line for each unknown or deprecated name, with file and line.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// The files that were read, in order.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

 private:
  friend class ConfigurationLoader;

  explicit Configuration(const OptionTable& table) : table_(&table) {}

  const OptionTable* table_;
  std::vector<Setting> settings_;  // one for each option, at its index in the table
  std::vector<Unlisted> unlisted_;
  std::vector<std::string> warnings_;
  std::vector<std::string> files_;
};

}  // namespace marconi::config
