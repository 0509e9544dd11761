// All options of Marconi, and the ways to find one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/option.h"

namespace marconi::config {

/// A group whose options belong to a library of the reference service and are not listed one by
/// one: any name is accepted in it.
struct OpenGroup {
  std::string_view name;
  bool prefix = false;  ///< every group that begins with `name`
  Support support = Support::no_effect;
};

/// Immutable once built; its options keep their addresses while it lives.
class OptionTable {
 public:
  OptionTable(std::vector<Option> options, std::vector<OpenGroup> open_groups);
  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;
  OptionTable(OptionTable&&) = default;
  OptionTable& operator=(OptionTable&&) = default;

  /// The table this build obeys.
  [[nodiscard]] static OptionTable standard();

  /// The option that is written this way, under its own name or another.
  struct Match {
    const Option* option = nullptr;
    const OptionName* alias = nullptr;  ///< null: under its own name
  };
  [[nodiscard]] std::optional<Match> find(std::string_view group, std::string_view name) const;

  /// All options that are written this way: several share the names of a group that was split.
  [[nodiscard]] std::vector<Match> find_all(std::string_view group, std::string_view name) const;

  [[nodiscard]] const OpenGroup* find_open_group(std::string_view group) const;

  /// Whether any option, alias or open group lives in the group.
  [[nodiscard]] bool knows_group(std::string_view group) const;

  /// In the order of the documents.
  [[nodiscard]] const std::vector<Option>& options() const { return options_; }
  [[nodiscard]] const std::vector<OpenGroup>& open_groups() const { return open_groups_; }

 private:
  using Key = std::pair<std::string_view, std::string_view>;

  std::vector<Option> options_;
  std::vector<OpenGroup> open_groups_;
  std::multimap<Key, Match> by_name_;
};

}  // namespace marconi::config
