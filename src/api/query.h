// The query of a request (http-v1 §1.7, http-v2 §1.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace marconi::api {

struct Parameter {
  std::string name;
  std::vector<std::string> values;  ///< empty for a value of only commas
};

/// Parameters in the order of their first appearance. Items without a value are left out, a
/// literal comma makes a list, repeated names make one longer list.
class Query {
 public:
  Query() = default;
  explicit Query(std::string_view text);

  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

  /// The last value; nothing if the parameter is absent.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

  /// The last value as an integer, at the ends of the range if it lies beyond; `invalid` if it is
  /// none.
  [[nodiscard]] base::Result<std::optional<std::int64_t>> integer(std::string_view name) const;

  /// The last value as a boolean; `invalid` if it is none.
  [[nodiscard]] base::Result<std::optional<bool>> boolean(std::string_view name) const;

  /// All values; nothing if the parameter is absent.
  [[nodiscard]] const std::vector<std::string>* list(std::string_view name) const;

 private:
  void add(std::string_view raw_name, std::string_view raw_value);

  std::vector<Parameter> parameters_;
};

}  // namespace marconi::api
