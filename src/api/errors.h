// The catalogue of errors in the form of a request: headers, parameters and documents that cannot
// be read. Like those of the rules, their words are part of the interface (http-v2 §15).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace marconi::api::errors {

using base::Error;

// ---- headers ------------------------------------------------------------------------------------

[[nodiscard]] Error unknown_method();
[[nodiscard]] Error form_content();
[[nodiscard]] Error client_id_missing();
[[nodiscard]] Error client_id_malformed();
[[nodiscard]] Error project_empty();
[[nodiscard]] Error project_missing();
[[nodiscard]] Error queue_name_malformed();
[[nodiscard]] Error extra_spec_unknown(std::string_view scheme);
[[nodiscard]] Error not_authorized();
[[nodiscard]] Error patch_content_type();

// ---- parameters ---------------------------------------------------------------------------------

[[nodiscard]] Error parameter_not_integer(std::string_view name);
[[nodiscard]] Error parameter_not_boolean(std::string_view name);
[[nodiscard]] Error parameter_missing(std::string_view name);
[[nodiscard]] Error too_many_filters(std::size_t max);
[[nodiscard]] Error ids_and_pop();
[[nodiscard]] Error neither_ids_nor_pop();
[[nodiscard]] Error ids_need_claim_ids();

// ---- documents ----------------------------------------------------------------------------------

/// A document that breaks a rule of its own kind, in words of its own.
[[nodiscard]] Error invalid_document(std::string description);
[[nodiscard]] Error body_missing();
[[nodiscard]] Error body_too_large();
[[nodiscard]] Error body_malformed();
[[nodiscard]] Error body_integer_too_large();
[[nodiscard]] Error document_type();
[[nodiscard]] Error field_missing(std::string_view field);
[[nodiscard]] Error field_not_integer(std::string_view field);
[[nodiscard]] Error no_messages_member();
[[nodiscard]] Error metadata_reserved();
[[nodiscard]] Error patch_empty();
[[nodiscard]] Error purge_without_types();
[[nodiscard]] Error purge_types_unknown();

}  // namespace marconi::api::errors
