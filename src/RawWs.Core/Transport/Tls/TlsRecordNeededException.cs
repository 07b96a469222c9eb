namespace RawWs.Transport;

/// <summary>
/// Says that a record carried no data, and that what asked for data has to be asked again when there is another. It never leaves the session: it exists because the
/// other answers that a stream can give, waiting and the end, would keep a buffer, or end the reading for good.
/// </summary>
internal sealed class TlsRecordNeededException() : IOException("The next TLS record has not arrived yet.");
