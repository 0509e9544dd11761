// One line of the operation table: what can be asked, and who answers it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/handler.h"
#include "api/version.h"
#include "base/error.h"

namespace marconi::api {

struct Exchange;

/// Decodes the request, calls a service, encodes the answer. An error without a title is a
/// failure of the store, which the operation's `failure` puts into words.
using RunOperation = base::Result<Response> (*)(Exchange& exchange);

/// Who may call, unless a policy says otherwise (auth §5.2).
enum class Access { everyone, admin };

/// When the operation exists, given that its version is enabled.
enum class Presence { always, admin_mode };

/// Which limit its body is under: one of the configured ones, or a fixed one.
enum class BodyLimit { fixed, metadata, messages };

/// The fixed limit, in bytes, of bodies that no option is about.
inline constexpr std::uint64_t kFixedBodyLimit = 256 * 1024;

struct Operation {
  Version version = Version::none;
  std::string_view method;
  std::string_view path;    ///< a template; `{queue}` is a queue name, `{id}` any segment
  std::string_view action;  ///< as policies and metrics name it
  RunOperation run = nullptr;
  std::string_view failure;  ///< what to say when the store fails, a whole sentence
  Access access = Access::everyone;
  Presence presence = Presence::always;
  BodyLimit body_limit = BodyLimit::fixed;
};

/// The operation table. Routing, `Allow` headers, policies and body limits all read it.
[[nodiscard]] std::span<const Operation> operations();

}  // namespace marconi::api
