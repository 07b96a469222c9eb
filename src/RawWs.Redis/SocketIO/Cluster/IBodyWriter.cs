using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Writes a body, in one of the forms that it may have: its members are the same in all of them.</summary>
internal interface IBodyWriter
{
    /// <summary>Begins an object.</summary>
    /// <param name="memberCount">How many members follow, each with its name.</param>
    void BeginObject(int memberCount);

    /// <summary>Ends an object.</summary>
    void EndObject();

    /// <summary>Begins a list.</summary>
    /// <param name="itemCount">How many items follow.</param>
    void BeginList(int itemCount);

    /// <summary>Ends a list.</summary>
    void EndList();

    /// <summary>Writes the name of a member; its value follows.</summary>
    void WriteName(string name);

    /// <summary>Writes a text.</summary>
    void WriteText(string text);

    /// <summary>Writes a whole number.</summary>
    void WriteNumber(long number);

    /// <summary>Writes a truth value.</summary>
    void WriteBoolean(bool value);

    /// <summary>Writes a value of an event or an ack.</summary>
    /// <param name="value">Null: nothing.</param>
    void WriteValue(EventValue? value);
}
