#include "storage/mongodb/connection_string.h"

#include <fmt/format.h>
#include <mongoc/mongoc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "storage/mongodb/client.h"

namespace marconi::storage::mongodb {

namespace {

using base::ErrorKind;
using base::fail;

constexpr std::int32_t kSelectionTimeoutMillis = 15'000;  // long enough for an election
constexpr std::int32_t kSocketTimeoutMillis = 30'000;
constexpr std::int64_t kMajorityTimeoutMillis = 20'000;

/// The text as the library takes it; the reference service's names of its drivers are one scheme.
Result<std::string> with_library_scheme(const std::string& uri) {
  const auto end = uri.find("://");
  const auto scheme = uri.substr(0, end);
  if (end == std::string::npos || (scheme != "mongodb" && scheme != "mongodb.fifo")) {
    return fail(ErrorKind::invalid, "uri: it has to begin with mongodb:// or mongodb.fifo://");
  }
  // The library would take the last @ as the end of the user, and tell what comes before as a host.
  const auto authority = uri.substr(end + 3, uri.find_first_of("/?", end + 3) - end - 3);
  if (std::ranges::count(authority, '@') > 1) {
    return fail(ErrorKind::invalid, "uri: an @ in user or password is written %40");
  }
  return "mongodb" + uri.substr(end);
}

void set_default(mongoc_uri_t* uri, const char* option, std::int32_t value) {
  if (!mongoc_uri_has_option(uri, option)) mongoc_uri_set_option_as_int32(uri, option, value);
}

// ---- safety of writes -----------------------------------------------------------------------

/// Asks for a majority where the URI says nothing.
Result<void> settle_write_concern(mongoc_uri_t* uri, bool allow_unsafe) {
  const auto* asked = mongoc_uri_get_write_concern(uri);
  const auto w = mongoc_write_concern_get_w(asked);
  if (w == MONGOC_WRITE_CONCERN_W_UNACKNOWLEDGED) {
    return fail(ErrorKind::invalid, "uri: w=0 leaves writes without an answer; leave it out");
  }
  if (w == 1 && !allow_unsafe) {
    return fail(ErrorKind::invalid,
                "uri: w=1 lets a fail-over undo writes, which only [DEFAULT] unreliable = true "
                "allows");
  }
  if (w != MONGOC_WRITE_CONCERN_W_DEFAULT) return {};
  auto* majority = mongoc_write_concern_copy(asked);
  mongoc_write_concern_set_w(majority, MONGOC_WRITE_CONCERN_W_MAJORITY);
  if (mongoc_write_concern_get_wtimeout_int64(asked) == 0) {
    mongoc_write_concern_set_wtimeout_int64(majority, kMajorityTimeoutMillis);
  }
  mongoc_uri_set_write_concern(uri, majority);
  mongoc_write_concern_destroy(majority);
  return {};
}

// ---- TLS ------------------------------------------------------------------------------------

Result<std::string> read_file(std::string_view option, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || text.view().empty()) {
    return fail(ErrorKind::invalid, fmt::format("{}: {} cannot be read", option, path));
  }
  return std::move(text).str();
}

Result<void> require(std::string_view option, const std::string& text, std::string_view what) {
  if (text.find(what) != text.npos) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: the file has no '{}' in PEM", option, what));
}

/// The library would find out on its first connection, without a word on what is wrong, and ask the
/// terminal for a passphrase.
Result<void> check_identity(const std::string& path, std::string_view key_option) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  const bool certificate = SSL_CTX_use_certificate_chain_file(context.get(), path.c_str()) == 1;
  const bool key = SSL_CTX_use_PrivateKey_file(context.get(), path.c_str(), SSL_FILETYPE_PEM) == 1;
  ERR_clear_error();
  if (!certificate) return fail(ErrorKind::invalid, "ssl_certfile: the certificate is damaged");
  if (!key) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the key is damaged, has a passphrase, or is not the certificate's",
                            key_option));
  }
  return {};
}

/// The client's certificate and key in one file, which is how the library wants them.
Result<std::string> identity_path(const ClientOptions& options, ConnectionString& made) {
  auto text = read_file("ssl_certfile", options.tls_certificate_file);
  if (!text) return text;
  if (auto good = require("ssl_certfile", *text, "CERTIFICATE-----"); !good) {
    return std::unexpected(good.error());
  }
  const auto key_option = options.tls_key_file.empty() ? "ssl_certfile" : "ssl_keyfile";
  auto key = options.tls_key_file.empty() ? text : read_file(key_option, options.tls_key_file);
  if (!key) return key;
  if (auto good = require(key_option, *key, "PRIVATE KEY-----"); !good) {
    return std::unexpected(good.error());
  }
  auto path = options.tls_certificate_file;
  if (!options.tls_key_file.empty()) {
    auto file = MemoryFile::make(*text + '\n' + *key);
    if (!file) return std::unexpected(file.error());
    path = made.identity.emplace(*std::move(file)).path();
  }
  if (auto good = check_identity(path, key_option); !good) return std::unexpected(good.error());
  return path;
}

/// Files that would be left unused are an error: whoever names them counts on TLS.
Result<void> refuse_unused_tls_options(const ClientOptions& options) {
  for (const auto& [name, value] : {std::pair("ssl_certfile", options.tls_certificate_file),
                                    std::pair("ssl_keyfile", options.tls_key_file),
                                    std::pair("ssl_ca_certs", options.tls_authorities_file)}) {
    if (value.empty()) continue;
    return fail(ErrorKind::invalid,
                fmt::format("{} is given, but the uri does not ask for TLS by ssl=true", name));
  }
  return {};
}

Result<void> set_tls(const ClientOptions& options, ConnectionString& made) {
  auto* uri = made.uri.get();
  if (!mongoc_uri_get_tls(uri)) return refuse_unused_tls_options(options);
  if (!options.tls_certificate_file.empty()) {
    const auto path = identity_path(options, made);
    if (!path) return std::unexpected(path.error());
    mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE, path->c_str());
  } else if (!options.tls_key_file.empty()) {
    return fail(ErrorKind::invalid, "ssl_keyfile is given without an ssl_certfile");
  }
  if (const auto& path = options.tls_authorities_file; !path.empty()) {
    const auto text = read_file("ssl_ca_certs", path);
    if (!text) return std::unexpected(text.error());
    if (auto good = require("ssl_ca_certs", *text, "CERTIFICATE-----"); !good) return good;
    mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCAFILE, path.c_str());
  }
  if (!options.tls_verify) {
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDCERTIFICATES, true);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDHOSTNAMES, true);
  }
  return {};
}

}  // namespace

void ConnectionString::Destroyer::operator()(mongoc_uri_t* made) const { mongoc_uri_destroy(made); }

Result<ConnectionString> connection_string(const ClientOptions& options) {
  const auto text = with_library_scheme(options.uri);
  if (!text) return std::unexpected(text.error());
  bson_error_t error;
  ConnectionString made;
  made.uri.reset(mongoc_uri_new_with_error(text->c_str(), &error));
  // The library's words may repeat parts of the text, and it may hold a password.
  if (!made.uri) return fail(ErrorKind::invalid, "uri: it is not a MongoDB connection string");
  auto* uri = made.uri.get();
  set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, kSelectionTimeoutMillis);
  set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, kSocketTimeoutMillis);
  set_default(uri, MONGOC_URI_WAITQUEUETIMEOUTMS, kSelectionTimeoutMillis);
  set_default(uri, MONGOC_URI_MAXPOOLSIZE, options.max_connections);
  made.socket_timeout = std::chrono::milliseconds(
      mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, kSocketTimeoutMillis));
  if (auto safe = settle_write_concern(uri, options.allow_unsafe_writes); !safe) {
    return std::unexpected(safe.error());
  }
  if (auto set = set_tls(options, made); !set) return std::unexpected(set.error());
  return made;
}

}  // namespace marconi::storage::mongodb
