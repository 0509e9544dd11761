// The document of a queue PATCH: a small dialect of JSON Patch (http-v2 §6.3). Pure functions.
#pragma once

#include <vector>

#include "base/error.h"
#include "domain/metadata_change.h"
#include "encoding/json_document.h"

namespace marconi::api::v2 {

/// The operations of a patch in order; the error of the first one that is not well-formed.
[[nodiscard]] base::Result<std::vector<domain::MetadataOperation>> decode_patch(
    const encoding::JsonValue& array);

}  // namespace marconi::api::v2
