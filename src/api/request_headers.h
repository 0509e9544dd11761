// What the headers of a request say about caller and content (http-v1 §1.6, http-v2 §1.5). Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/handler.h"
#include "api/options.h"
#include "api/version.h"
#include "base/error.h"
#include "domain/names.h"

namespace marconi::api {

/// All values of a header, joined as HTTP joins repeated ones; nothing if there is none. A view
/// into the request or, if the header is repeated, into `memory`, which is empty before.
[[nodiscard]] std::optional<std::string_view> joined_header(const Request& request,
                                                            std::string_view name,
                                                            std::string& memory);

/// Whether the value of an Accept header admits `application/json`. Empty admits all; what cannot
/// be read admits nothing.
[[nodiscard]] bool accepts_json(std::string_view accept);

/// The same for a whole request.
[[nodiscard]] bool accepts_json(const Request& request);

/// Whether the request brings a body in the form of an HTML form, which no operation takes.
[[nodiscard]] bool has_form_content(const Request& request);

/// The caller's own id. It may be absent where the version allows that.
[[nodiscard]] base::Result<std::optional<domain::ClientId>> read_client_id(
    const Request& request, Version version, const ClientIdRules& rules);

/// The project; the root has none, and in v1 it may be anonymous.
[[nodiscard]] base::Result<domain::ProjectId> read_project(const Request& request, Version version);

/// `invalid` if an extra specification names a scheme that we do not know (auth §7).
[[nodiscard]] base::Result<void> check_extra_spec(const Request& request);

/// Whether the caller has a role; names compare without regard to case.
[[nodiscard]] bool has_role(const Request& request, std::string_view role);

}  // namespace marconi::api
