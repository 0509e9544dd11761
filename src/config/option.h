// What an option is: every option of Marconi is declared once, as one of these, and the reading,
// checking, sample file and reference all follow from it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::config {

/// How the text of an option is read (configuration, head of the page).
enum class Type { boolean, integer, real, text, port, host, list, dict };

/// The word for a type in documents and messages.
[[nodiscard]] std::string_view name_of(Type type);

/// What this build does about an option.
enum class Support {
  effective,    ///< obeyed
  no_effect,    ///< accepted, so that an existing file stays valid; a changed value is warned of
  unsupported,  ///< any value but the default stops the start-up: it would be silently left out
};

/// Another name under which an option may be written.
struct OptionName {
  std::string_view group;
  std::string_view name;
  bool deprecated = true;  ///< using it is warned of
};

/// Says what is wrong with a text, or nothing.
using TextCheck = std::optional<std::string> (*)(std::string_view text);

/// One declared option. Views refer to literals.
struct Option {
  std::string_view group;
  std::string_view name;
  Type type = Type::text;
  /// As it would be written in a file; absent: the option is unset unless given.
  std::optional<std::string> default_text;
  /// What it does, for operators, in sentences.
  std::string_view effect;

  Support support = Support::effective;
  std::vector<OptionName> aliases;
  std::vector<std::string_view> choices;    ///< empty: anything
  std::vector<std::string_view> refused;    ///< choices that this build does not support
  std::vector<std::string_view> for_tests;  ///< choices left out of the documents
  std::optional<double> min;
  std::optional<double> max;
  TextCheck check = nullptr;
  bool secret = false;  ///< never shown

  // Refinements, to be chained behind the declarations below.
  Option also(std::string_view other_name) &&;
  Option also(std::string_view other_group, std::string_view other_name) &&;
  /// A second place of equal standing.
  Option shared_with(std::string_view other_group) &&;
  Option one_of(std::initializer_list<std::string_view> values) &&;
  /// These values are known but stop the start-up.
  Option refusing(std::initializer_list<std::string_view> values) &&;
  /// These values are of use to tests only.
  Option with_test_values(std::initializer_list<std::string_view> values) &&;
  Option at_least(double value) &&;
  Option at_most(double value) &&;
  Option checked_by(TextCheck text_check) &&;
  Option as_secret() &&;
  Option with_support(Support how) &&;
};

/// The default as a user would write it; absent: unset.
using Default = std::optional<std::string_view>;

[[nodiscard]] Option boolean(std::string_view group, std::string_view name, bool preset,
                             std::string_view effect);
[[nodiscard]] Option integer(std::string_view group, std::string_view name, std::int64_t preset,
                             std::string_view effect);
[[nodiscard]] Option option(Type type, std::string_view group, std::string_view name,
                            Default preset, std::string_view effect);

}  // namespace marconi::config
