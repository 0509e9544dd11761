// Operations as only API v1 does them (http-v1).
#pragma once

#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"

namespace marconi::api::v1 {

base::Result<Response> get_home(Exchange& exchange);

base::Result<Response> list_queues(Exchange& exchange);
base::Result<Response> create_queue(Exchange& exchange);
base::Result<Response> check_queue(Exchange& exchange);  ///< GET and HEAD: is it there?
base::Result<Response> get_metadata(Exchange& exchange);
base::Result<Response> replace_metadata(Exchange& exchange);
base::Result<Response> get_queue_stats(Exchange& exchange);

base::Result<Response> post_messages(Exchange& exchange);
base::Result<Response> get_messages(Exchange& exchange);  ///< a page, or several by id
base::Result<Response> delete_messages(Exchange& exchange);
base::Result<Response> get_message(Exchange& exchange);

base::Result<Response> create_claim(Exchange& exchange);
base::Result<Response> get_claim(Exchange& exchange);
base::Result<Response> update_claim(Exchange& exchange);

}  // namespace marconi::api::v1
