// What the library is told of a deployment: the operator's URI, completed by the other options.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "base/error.h"
#include "storage/mongodb/memory_file.h"

struct _mongoc_uri_t;  // the library's

namespace marconi::storage::mongodb {

struct ClientOptions;

struct ConnectionString {
  struct Destroyer {
    void operator()(_mongoc_uri_t* made) const;
  };

  std::unique_ptr<_mongoc_uri_t, Destroyer> uri;
  /// Certificate and key, where they come from two files. Must live as long as what uses the URI.
  std::optional<MemoryFile> identity;
  std::chrono::milliseconds socket_timeout{};  ///< how long one exchange with a server may take
};

/// What the URI leaves open is filled in. `invalid`, saying which option is wrong, if these options
/// make no sense, contradict each other, or name files that cannot be read.
[[nodiscard]] base::Result<ConnectionString> connection_string(const ClientOptions& options);

}  // namespace marconi::storage::mongodb
