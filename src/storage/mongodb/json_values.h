// JSON values as the database keeps them, and back.
#pragma once

#include <string>
#include <string_view>

#include "storage/mongodb/bson.h"

namespace marconi::storage::mongodb {

/// Adds a member with the value of a JSON text. What the database cannot hold (integers beyond 64
/// bits, names with a NUL, nesting beyond the database's own limit) it holds as text.
void append_json(Document& document, std::string_view name, std::string_view json);

/// The value as JSON text: separators `, ` and `: `, non-ASCII as it is.
[[nodiscard]] std::string to_json(const BsonValue& value);

}  // namespace marconi::storage::mongodb
