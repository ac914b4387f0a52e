/// Returns the type of a column in the parameters and results of the functions on Citus. Every
/// integer is a `bigint`.
pub(crate) fn column_type(column: &str) -> &'static str {
    match column {
        "location" | "booking" | "linked_to" | "linked_booking" | "preview" | "code"
        | "short_code" | "activity" | "status" | "customer_name" | "profile" | "author"
        | "name" | "body" => "text",
        "unread" | "preview_cut" => "boolean",
        _ => "bigint",
    }
}
