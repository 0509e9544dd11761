#include "storage/mongodb/connection.h"

#include <algorithm>
#include <array>

namespace marconi::storage::mongodb {

namespace {

using Collection = Owned<mongoc_collection_t, mongoc_collection_destroy>;
using Cursor = Owned<mongoc_cursor_t, mongoc_cursor_destroy>;
using Bulk = Owned<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy>;

Collection collection_of(mongoc_client_t* client, const CollectionName& name) {
  return Collection(
      mongoc_client_get_collection(client, name.database.c_str(), name.collection.c_str()));
}

Document find_options(const FindOptions& options, ReadLevel level) {
  Document result;
  const Document none;
  if (options.sort != none) result.append({"sort", options.sort});
  if (options.fields != none) result.append({"projection", options.fields});
  if (options.hint != none) result.append({"hint", options.hint});
  if (options.limit != 0) result.append({"limit", options.limit});
  if (level != ReadLevel::any) {
    const auto* name = level == ReadLevel::snapshot ? "snapshot" : "majority";
    result.append({"readConcern", Document{{"level", name}}});
  }
  return result;
}

bool add(mongoc_bulk_operation_t* bulk, const Write& write, bson_error_t* error) {
  static const Document kUnchecked{{"validate", false}};  // names may be empty, as in the reference
  static const Document kUpsert{{"validate", false}, {"upsert", true}};
  const Borrowed filter(write.filter);
  const Borrowed change(write.change);
  const Borrowed unchecked(kUnchecked);
  const Borrowed upsert(kUpsert);
  switch (write.kind) {
    case Write::Kind::insert:
      return mongoc_bulk_operation_insert_with_opts(bulk, &change, &unchecked, error);
    case Write::Kind::update_one:
      return mongoc_bulk_operation_update_one_with_opts(bulk, &filter, &change, &unchecked, error);
    case Write::Kind::upsert:
      return mongoc_bulk_operation_update_one_with_opts(bulk, &filter, &change, &upsert, error);
    case Write::Kind::update_many:
      return mongoc_bulk_operation_update_many_with_opts(bulk, &filter, &change, &unchecked, error);
    case Write::Kind::remove_one:
      return mongoc_bulk_operation_remove_one_with_opts(bulk, &filter, nullptr, error);
    case Write::Kind::remove_many:
      return mongoc_bulk_operation_remove_many_with_opts(bulk, &filter, nullptr, error);
  }
  return false;
}

WriteCounts counts_of(BsonView reply) {
  const auto number = [&](std::string_view name) {
    const auto value = reply.find(name);
    return value ? value->as_integer().value_or(0) : 0;
  };
  return {.inserted = number("nInserted"),
          .matched = number("nMatched"),
          .removed = number("nRemoved"),
          .upserted = number("nUpserted")};
}

}  // namespace

base::Error error_of(const bson_error_t& error) {
  constexpr std::array<std::uint32_t, 3> kDuplicates{11000, 11001, 12582};
  const bool duplicate = std::ranges::find(kDuplicates, error.code) != kDuplicates.end();
  return {duplicate ? base::ErrorKind::conflict : base::ErrorKind::unavailable, {}, error.message};
}

bool Connection::put_session_into(bson_t* options, bson_error_t* error) const {
  return session_ == nullptr || mongoc_client_session_append(session_, options, error);
}

void Connection::judge(const bson_t* reply) {
  transient_ = session_ != nullptr && mongoc_error_has_label(reply, "TransientTransactionError");
}

bool Connection::command(const std::string& database, const Document& command, Reply& reply,
                         bson_error_t* error) {
  const Borrowed borrowed(command);
  return mongoc_client_command_simple(client_, database.c_str(), &borrowed, primary_,
                                      reply.to_fill(), error);
}

bool Connection::count(const CollectionName& where, const Document& filter, std::int64_t& number,
                       bson_error_t* error) {
  const auto collection = collection_of(client_, where);
  const Borrowed query(filter);
  number = mongoc_collection_count_documents(collection.get(), &query, nullptr, primary_, nullptr,
                                             error);
  return number >= 0;
}

bool Connection::visit(const CollectionName& where, const Document& filter,
                       const FindOptions& options, ReadLevel level,
                       const std::function<bool(BsonView)>& visit, bool& any, bson_error_t* error) {
  const auto collection = collection_of(client_, where);
  const Borrowed query(filter);
  Reply how(find_options(options, level));
  if (!put_session_into(how.get(), error)) return false;
  const Cursor cursor(
      mongoc_collection_find_with_opts(collection.get(), &query, how.get(), primary_));
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor.get(), &document)) {
    any = true;
    if (!visit(Reply::view_of(*document))) return true;
  }
  const bson_t* reply = nullptr;
  if (!mongoc_cursor_error_document(cursor.get(), error, &reply)) return true;
  if (reply != nullptr) judge(reply);
  return false;
}

bool Connection::modify(const CollectionName& where, const Document& filter,
                        mongoc_find_and_modify_opts_t* how, std::optional<Document>& before,
                        bson_error_t* error) {
  const auto collection = collection_of(client_, where);
  const Borrowed query(filter);
  Reply session;
  if (!put_session_into(session.get(), error)) return false;
  mongoc_find_and_modify_opts_append(how, session.get());
  Reply reply;
  if (!mongoc_collection_find_and_modify_with_opts(collection.get(), &query, how, reply.to_fill(),
                                                   error)) {
    judge(reply.get());
    return false;
  }
  const auto value = reply.view().find("value");
  if (value && value->type == BsonType::document) before.emplace(*value->as_document());
  return true;
}

bool Connection::write(const CollectionName& where, std::span<const Write> writes,
                       WriteCounts& counts, bson_error_t* error) {
  const auto collection = collection_of(client_, where);
  const Bulk bulk(mongoc_collection_create_bulk_operation_with_opts(collection.get(), nullptr));
  if (session_ != nullptr) mongoc_bulk_operation_set_client_session(bulk.get(), session_);
  for (const auto& write : writes) {
    if (!add(bulk.get(), write, error)) return false;
  }
  Reply reply;
  if (mongoc_bulk_operation_execute(bulk.get(), reply.to_fill(), error) == 0) {
    judge(reply.get());
    return false;
  }
  counts = counts_of(reply.view());
  return true;
}

bool Connection::insert(const CollectionName& where, std::span<const Document> documents,
                        Insertions& made, bson_error_t* error) {
  const auto collection = collection_of(client_, where);
  const Bulk bulk(mongoc_collection_create_bulk_operation_with_opts(collection.get(), nullptr));
  if (session_ != nullptr) mongoc_bulk_operation_set_client_session(bulk.get(), session_);
  for (const auto& document : documents) {
    const Write write{.kind = Write::Kind::insert, .filter = {}, .change = document};
    if (!add(bulk.get(), write, error)) return false;
  }
  Reply reply;
  if (mongoc_bulk_operation_execute(bulk.get(), reply.to_fill(), error) != 0) {
    made.stored = documents.size();
    return true;
  }
  judge(reply.get());
  auto refusal = error_of(*error);
  const auto refused = reply.view().find("writeErrors.0.index");
  if (refusal.kind != base::ErrorKind::conflict || !refused) return false;
  made.stored = static_cast<std::size_t>(refused->as_integer().value_or(0));
  made.refusal = std::move(refusal);
  return true;
}

}  // namespace marconi::storage::mongodb
