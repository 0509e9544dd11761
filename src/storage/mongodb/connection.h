// Operations on one connection, each a single attempt, within a transaction or without.
#pragma once

#include <span>

#include "storage/mongodb/library.h"

namespace marconi::storage::mongodb {

/// A connection that somebody else has taken out of the pool. For one thread.
class Connection {
 public:
  /// `session`, if any, is in a transaction. Nothing is owned.
  Connection(mongoc_client_t* client, const mongoc_read_prefs_t* primary,
             mongoc_client_session_t* session = nullptr)
      : client_(client), primary_(primary), session_(session) {}

  bool command(const std::string& database, const Document& command, Reply& reply,
               bson_error_t* error);
  bool count(const CollectionName& where, const Document& filter, std::int64_t& number,
             bson_error_t* error);
  /// `any` tells whether a document was handed over.
  bool visit(const CollectionName& where, const Document& filter, const FindOptions& options,
             ReadLevel level, const std::function<bool(BsonView)>& visit, bool& any,
             bson_error_t* error);
  bool modify(const CollectionName& where, const Document& filter,
              mongoc_find_and_modify_opts_t* how, std::optional<Document>& before,
              bson_error_t* error);
  bool write(const CollectionName& where, std::span<const Write> writes, WriteCounts& counts,
             bson_error_t* error);

  /// False unless all is stored or refused.
  bool insert(const CollectionName& where, std::span<const Document> documents, Insertions& made,
              bson_error_t* error);

  [[nodiscard]] mongoc_client_t* client() const { return client_; }
  [[nodiscard]] const mongoc_read_prefs_t* primary() const { return primary_; }

  /// Whether the last error was one after which the whole transaction may be tried again.
  [[nodiscard]] bool transient() const { return transient_; }

 private:
  bool put_session_into(bson_t* options, bson_error_t* error) const;
  void judge(const bson_t* reply);

  mongoc_client_t* client_;
  const mongoc_read_prefs_t* primary_;
  mongoc_client_session_t* session_;
  bool transient_ = false;
};

}  // namespace marconi::storage::mongodb
