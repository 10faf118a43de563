//! Workers that learn from a business's own figures: forecasts, anomalies, insights.
//!
//! The room stands because the direction between crates is fixed (`domain` ← `streams` ← `ml-workers` ← `infra`);
//! it holds no code until the first of them is built.
