// The metadata attributes that mean something to the service: their rules, and the values that
// API v2 shows for those a queue does not have (http-v1.1 §6, http-v2 §5.3 and §6.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/limits.h"

namespace marconi::domain {

/// Checks the reserved attributes of a metadata object. Returns what is wrong with the first one
/// that breaks its rule, in words for the client; nothing if all is well. `object` must be the
/// text of a valid JSON object.
[[nodiscard]] std::optional<std::string> find_reserved_attribute_fault(std::string_view object,
                                                                       const Limits& limits);

/// Whether a name is one of the seven attributes that have a value even if never set.
[[nodiscard]] bool has_default_value(std::string_view attribute);

/// The object with the default value in the place of every such attribute that is absent or
/// falsy. `object` must be the text of a valid JSON object.
[[nodiscard]] std::string with_default_values(std::string_view object, const Limits& limits);

}  // namespace marconi::domain
