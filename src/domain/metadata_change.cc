#include "domain/metadata_change.h"

#include "domain/errors.h"
#include "domain/reserved_attributes.h"
#include "encoding/json_object.h"

namespace marconi::domain {

namespace {

using encoding::JsonObject;

base::Result<void> apply_one(const MetadataOperation& operation, JsonObject& object) {
  const bool reachable = object.find(operation.key).has_value() || has_default_value(operation.key);
  switch (operation.kind) {
    case MetadataOperation::Kind::add:
      object.set(operation.key, operation.raw_value);
      return {};
    case MetadataOperation::Kind::replace:
      if (!reachable) return std::unexpected(errors::nothing_to_replace(operation.key));
      object.set(operation.key, operation.raw_value);
      return {};
    case MetadataOperation::Kind::remove:
      if (!reachable) return std::unexpected(errors::nothing_to_remove(operation.key));
      object.erase(operation.key);
      return {};
  }
  return {};
}

}  // namespace

base::Result<std::string> apply_operations(std::span<const MetadataOperation> operations,
                                           std::string_view text) {
  auto object = JsonObject::from(text);
  if (!object) return base::fail(base::ErrorKind::internal, "stored metadata is no JSON object");
  for (const MetadataOperation& operation : operations) {
    if (auto applied = apply_one(operation, *object); !applied) {
      return std::unexpected(applied.error());
    }
  }
  return object->to_string();
}

}  // namespace marconi::domain
