use std::error::Error;

use bytes::BytesMut;
use frontdesk_sql::Value;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A parameter of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Parameter<'a> {
    Scalar(Scalar<'a>),
    Array(ElementType, Vec<Scalar<'a>>),
}

/// A value that is a parameter or an element of one.
#[derive(Debug, Clone)]
pub(crate) struct Scalar<'a>(Value<'a>);

/// The type of an array's elements, which an empty array does not show.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ElementType {
    Text,
    Integer,
    Boolean,
    Digest,
}

impl<'a, V: Into<Value<'a>>> From<V> for Parameter<'a> {
    fn from(value: V) -> Self {
        Self::Scalar(Scalar(value.into()))
    }
}

impl<'a> Parameter<'a> {
    pub(crate) fn array<V: Into<Value<'a>>>(
        element: ElementType,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self::Array(element, values.into_iter().map(|value| Scalar(value.into())).collect())
    }

    /// Makes one array for each column of a table. All rows have the same columns, and there
    /// is at least one row.
    pub(crate) fn arrays_of_columns(rows: &[Vec<Value<'a>>]) -> Vec<Self> {
        let types = rows.first().into_iter().flatten().map(ElementType::of).enumerate();
        let column = |at| rows.iter().map(move |row| row[at]);
        types.map(|(at, element)| Self::array(element, column(at))).collect()
    }

    pub(crate) fn sql_type(&self) -> Type {
        match self {
            Self::Scalar(Scalar(value)) => match ElementType::of(value) {
                ElementType::Text => Type::TEXT,
                ElementType::Integer => Type::INT8,
                ElementType::Boolean => Type::BOOL,
                ElementType::Digest => Type::BYTEA,
            },
            Self::Array(ElementType::Text, _) => Type::TEXT_ARRAY,
            Self::Array(ElementType::Integer, _) => Type::INT8_ARRAY,
            Self::Array(ElementType::Boolean, _) => Type::BOOL_ARRAY,
            Self::Array(ElementType::Digest, _) => Type::BYTEA_ARRAY,
        }
    }
}

impl ElementType {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Text(_) => Self::Text,
            Value::Integer(_) => Self::Integer,
            Value::Boolean(_) => Self::Boolean,
            Value::Digest(_) => Self::Digest,
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Scalar(scalar) => scalar.to_sql(sql_type, out),
            Self::Array(_, scalars) => scalars.to_sql(sql_type, out),
        }
    }

    fn accepts(sql_type: &Type) -> bool {
        Scalar::accepts(sql_type) || <Vec<Scalar<'_>>>::accepts(sql_type)
    }

    to_sql_checked!();
}

impl ToSql for Scalar<'_> {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Value::Text(text) => text.to_sql(sql_type, out),
            Value::Integer(integer) => integer.to_sql(sql_type, out),
            Value::Boolean(boolean) => boolean.to_sql(sql_type, out),
            Value::Digest(digest) => {
                digest.map(|digest| digest.to_bytes().to_vec()).to_sql(sql_type, out)
            }
        }
    }

    fn accepts(sql_type: &Type) -> bool {
        [Type::TEXT, Type::INT8, Type::BOOL, Type::BYTEA].contains(sql_type)
    }

    to_sql_checked!();
}
