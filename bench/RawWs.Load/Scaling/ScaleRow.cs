namespace RawWs.Load;

/// <summary>What a number of connections costs.</summary>
/// <param name="Transport">What they come through.</param>
/// <param name="Connections">How many.</param>
/// <param name="Managed">Bytes of objects for each, after it has echoed.</param>
/// <param name="Native">Bytes of the process beside them.</param>
/// <param name="Kernel">Bytes in socket buffers of both ends; null where there are none, or the system does not tell.</param>
/// <param name="MessageMicroseconds">CPU time for one echo while all echo: of the server, or in memory of both ends.</param>
/// <param name="DeliveryMicroseconds">CPU time of the same for each who receives a broadcast.</param>
/// <param name="BroadcastMilliseconds">From publishing until everybody has received.</param>
internal sealed record ScaleRow(
    string Transport, int Connections, long Managed, long Native, long? Kernel, double MessageMicroseconds, double DeliveryMicroseconds, double BroadcastMilliseconds);
