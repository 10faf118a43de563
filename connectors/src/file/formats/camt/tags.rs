//! Names of elements that matter.

macro_rules! tags {
    (@text $name:ident) => { stringify!($name) };
    (@text $name:ident $text:literal) => { $text };
    ($($name:ident $(= $text:literal)?),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Tag { $($name,)* Other }

        impl Tag {
            pub fn of(name: &[u8]) -> Self {
                $(if name == tags!(@text $name $($text)?).as_bytes() { return Self::$name; })*
                Self::Other
            }
        }
    };
}

tags!(
    Ntry,
    Amt,
    CdtDbtInd,
    Sts,
    Cd,
    BookgDt,
    ValDt,
    Dt,
    DtTm,
    AcctSvcrRef,
    NtryRef,
    AddtlNtryInf,
    NtryDtls,
    TxDtls,
    Refs,
    EndToEndId,
    RltdPties,
    Dbtr,
    Cdtr,
    UltmtDbtr,
    UltmtCdtr,
    Pty,
    Nm,
    RmtInf,
    Ustrd,
    Strd,
    CdtrRefInf,
    Ref,
    AddtlTxInf,
    AddtlRmtInf,
    BkTxCd,
    Domn,
    Fmly,
    SubFmlyCd,
    Prtry,
    Acct,
    Id,
    Iban = "IBAN",
    CreDtTm,
    CreDt,
    Bban = "BBAN",
    Othr,
    PrtryAcct,
    Ccy,
    Bal,
    Tp,
    CdOrPrtry,
    Stmt,
    Rpt,
    Ntfctn,
    RvslInd,
    Btch,
    NbOfTxs,
    FrToDt,
    FrDtTm,
    ToDtTm,
    FrDt,
    ToDt,
);
