namespace RawWs.Host;

/// <summary>How the messages that come are printed.</summary>
internal enum PayloadFormat
{
    /// <summary>A line each: text as it is, or made printable where it goes to a terminal; binary as its length and in hexadecimal digits.</summary>
    Lines,

    /// <summary>A line each, in Base64, whatever it is.</summary>
    Base64,

    /// <summary>Payloads as they are, one behind the other.</summary>
    Raw,
}
