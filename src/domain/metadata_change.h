// Changes to single members of a queue's metadata (http-v2 §6.3).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace marconi::domain {

/// One step of a change: what to do with the member `key`.
struct MetadataOperation {
  enum class Kind { add, replace, remove };

  Kind kind = Kind::add;
  std::string key;
  std::string raw_value;  ///< JSON text; unused by `remove`
};

/// Applies the steps in order to the text of a JSON object and returns the new text. `conflict`
/// if a step replaces or removes a member that is not there; attributes that have a value even
/// if never set can always be replaced and removed.
[[nodiscard]] base::Result<std::string> apply_operations(
    std::span<const MetadataOperation> operations, std::string_view object);

}  // namespace marconi::domain
